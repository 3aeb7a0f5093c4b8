/**
 * An import from beginning to end: what other programs have trained becomes a folder of ibot's. A checkpoint with all that
 * a run needs becomes a run to go on with; a network alone becomes weights and a pipeline that starts from them; arguments
 * become a pipeline.
 */
import { basename, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, rejected } from '../base/failure'
import type { NetworkName } from '../base/networks'
import { version } from '../base/version'
import type { Plan } from '../dsl/plan'
import { toYaml } from '../dsl/print'
import { readPlan } from '../dsl/read'
import { readFile, writeAtomically } from '../io/files'
import { serialize } from '../io/safetensors'
import { isOfficial, type OfficialCheckpoint, officialOf } from '../io/torch/official'
import type { Plain } from '../io/torch/plain'
import { type TorchCheckpoint, withTorchCheckpoint } from '../io/torchCheckpoint'
import { registry } from '../ops/registry'
import { crossCheck } from '../program/crossCheck'
import { type Design, designOf } from '../program/design'
import { networksOf } from '../program/networks'
import { programOf } from '../program/program'
import { spanOf } from '../program/span'
import { saveCheckpoint } from '../store/checkpoint'
import { checkpointPath } from '../store/checkpoints'
import { createRunFolder } from '../store/folder'
import { writeImported } from '../store/record'
import { fitWeights } from '../weights/fit'
import { type NetworkWeights, readNetwork } from '../weights/network'
import { kindOf, unusable } from '../weights/tensors'
import { emptyFolder } from './folder'
import { type OFFICIAL_DEFAULTS, officialArgs, PAPER, parseArgs } from './officialArgs'
import { recipeOf, sizesOfArgs } from './recipe'
import { type Sizes, sizesOf } from './sizes'
import { officialState } from './state'

export interface ImportOptions {
  /** The folder that is made; it must be empty. */
  readonly out: string
  /** A file with the official run's arguments, where they are not in the checkpoint. */
  readonly args?: string | undefined
  /** The folder of the pictures, instead of the one in the arguments. */
  readonly data?: string | undefined
  /** Takes one network only: its weights, and a pipeline that starts from them. */
  readonly network?: NetworkName | undefined
  /** Values of the pipeline that are set, as by `--set`. */
  readonly set?: readonly string[] | undefined
}

export interface Imported {
  readonly kind: 'run' | 'weights' | 'pipeline'
  readonly folder: string
  /** The number of weights that were taken, each by its own name. */
  readonly weights: number
  /** Of the network, but not in the file. */
  readonly missing: readonly string[]
  /** In the file, but not of the network. */
  readonly unexpected: readonly string[]
  /** Whose names the file has; null for arguments alone. */
  readonly names: NetworkWeights['names'] | null
  readonly epoch: number | null
  readonly step: number | null
  /** The command with which one goes on. */
  readonly next: string
}

type Args = Readonly<Record<string, Plain>>

const pipelineFile = (out: string): string => join(out, 'pipeline.yaml')
const nameOf = (out: string): string =>
  basename(out)
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '') || 'imported'

/** The arguments in a file. */
const readArgs = (path: string): TE.TaskEither<Failure, Args> =>
  pipe(
    readFile(path, 'the arguments'),
    TE.chainEitherK((bytes) =>
      E.fromNullable(unusable(path, 'it holds no arguments of the official code, such as a line `arch: vit_small`'))(
        parseArgs(new TextDecoder().decode(bytes)),
      ),
    ),
  )

interface ImportedPipeline {
  /** The pipeline in full. */
  readonly text: string
  readonly design: Design
}

const HEADER = 'Made by ibot import from the arguments and the weights of an official run.'

/** The pipeline for these arguments and sizes, with what is set by hand. */
const recipe = (
  file: string,
  args: Args,
  sizes: (args: typeof OFFICIAL_DEFAULTS) => E.Either<string, Sizes>,
  { out, data, set }: ImportOptions,
  weights?: string,
): E.Either<Failure, ImportedPipeline> =>
  pipe(
    E.Do,
    E.bind('known', () => officialArgs(data === undefined ? args : { ...args, data_path: data })),
    E.bind('sizes', ({ known }) => sizes(known)),
    E.chain(({ known, sizes: found }) =>
      recipeOf(known, found, { name: nameOf(out), ...(weights === undefined ? {} : { weights }) }),
    ),
    E.mapLeft((why) => unusable(file, why)),
    E.chain((plan) =>
      E.mapLeft((problems: Parameters<typeof rejected>[0]) => rejected(problems))(
        readPlan(registry, pipelineFile(out), toYaml(plan), set, crossCheck(registry)),
      ),
    ),
    E.chain(({ plan }: { readonly plan: Plan }) =>
      pipe(
        designOf(registry, plan),
        E.map((design) => ({ design, text: toYaml(design.plan, HEADER) })),
      ),
    ),
  )

// ------------------------------------------------------------------------------------------------------- a pipeline

const importArgs = (file: string, options: ImportOptions): TE.TaskEither<Failure, Imported> =>
  pipe(
    readArgs(file),
    TE.chainEitherK((args) => recipe(file, args, sizesOfArgs, options)),
    TE.chainFirst(() => emptyFolder(options.out)),
    TE.chain(({ text }) => writeAtomically(pipelineFile(options.out), text)),
    TE.map(() => ({
      kind: 'pipeline',
      folder: options.out,
      weights: 0,
      missing: [],
      unexpected: [],
      names: null,
      epoch: null,
      step: null,
      next: `ibot run ${pipelineFile(options.out)}`,
    })),
  )

// ---------------------------------------------------------------------------------------------------------- weights

/** Prototypes of the paper's head where the file has none; whether its own last layer is one or two. */
const headArgs = ({ weights }: NetworkWeights): Args => {
  const [cls, patch] = ['head.last_layer.weight_v', 'head.last_layer2.weight_v'].map((name) => weights.get(name))
  const isShared = cls === undefined || patch === undefined || Buffer.compare(bytes(cls.data), bytes(patch.data)) === 0
  return { shared_head: isShared, shared_head_teacher: isShared }
}
const bytes = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const importWeights = (
  file: string,
  network: NetworkName,
  embedded: Args | undefined,
  options: ImportOptions,
): TE.TaskEither<Failure, Imported> => {
  const path = join(options.out, 'weights.safetensors')
  return pipe(
    readNetwork(file, network),
    TE.bindTo('read'),
    TE.bind('made', ({ read }) =>
      TE.fromEither(recipe(file, embedded ?? { ...PAPER, ...headArgs(read) }, () => sizesOf(read.weights), options, path)),
    ),
    TE.let('fit', ({ read, made: { design } }) => {
      const { weights, buffers } = networksOf(design, design.views.meaning.mean.length as 1 | 3).student
      return { specs: { ...weights, ...buffers }, ...fitWeights({ ...weights, ...buffers }, read.weights) }
    }),
    TE.filterOrElse(
      ({ fit: { unfit } }) => unfit.length === 0,
      ({ fit: { unfit } }) => unusable(file, unfit[0]!),
    ),
    TE.chainFirst(() => emptyFolder(options.out)),
    TE.chainFirst(({ fit: { weights, specs } }) =>
      writeAtomically(
        path,
        serialize(
          Object.entries(weights).map(([name, data]) => [name, { dtype: 'F32', shape: specs[name]!.shape, data }] as const),
          { format: 'pt', ibot: version, network, from: basename(file) },
        ),
      ),
    ),
    TE.chainFirst(({ made: { text } }) => writeAtomically(pipelineFile(options.out), text)),
    TE.map(({ read: { names }, fit }) => ({
      kind: 'weights',
      folder: options.out,
      weights: Object.keys(fit.weights).length,
      missing: fit.missing,
      unexpected: fit.unexpected,
      names,
      epoch: null,
      step: null,
      next: `ibot run ${pipelineFile(options.out)}`,
    })),
  )
}

// -------------------------------------------------------------------------------------------------------------- a run

/** Parts of a checkpoint that have no counterpart here: the scale of gradients in half precision. */
const KNOWN: readonly string[] = ['student', 'teacher', 'optimizer', 'epoch', 'args', 'ibot_loss']

const importRun = (
  file: string,
  official: OfficialCheckpoint,
  args: Args,
  read: TorchCheckpoint['read'],
  options: ImportOptions,
): TE.TaskEither<Failure, Imported> =>
  pipe(
    TE.fromEither(recipe(file, args, () => sizesOf(official.student), options)),
    TE.bindTo('made'),
    // The state's names and shapes don't depend on how many pictures there are.
    TE.bind('span', ({ made: { design } }) =>
      TE.fromEither(
        spanOf(design, { count: design.training.meaning.batch, channels: design.views.meaning.mean.length as 1 | 3 }),
      ),
    ),
    TE.let('program', ({ made: { design }, span }) => programOf(design, span, design.views.meaning.mean.length as 1 | 3)),
    TE.bind('state', ({ program }) => officialState(file, program, official, read)),
    TE.bind('folder', () => createRunFolder(nameOf(options.out), options.out)),
    TE.chainFirst(({ folder, program, state: { state, step } }) =>
      saveCheckpoint(checkpointPath(folder.checkpoints, step), program.state, {
        state,
        progress: { step, probes: {} },
      }),
    ),
    TE.chainFirst(({ folder, made: { design, text }, state: { step } }) =>
      writeImported(folder, design, { from: basename(file), epoch: official.epoch ?? null, step }, text),
    ),
    TE.map(({ folder, program, state: { step, unexpected } }) => ({
      kind: 'run',
      folder: folder.path,
      weights: Object.keys(program.state).length,
      missing: [],
      unexpected: [...official.parts.filter((part) => !KNOWN.includes(part)), ...unexpected],
      names: 'official',
      epoch: official.epoch ?? null,
      step,
      next: `ibot run --resume ${folder.path}`,
    })),
  )

// --------------------------------------------------------------------------------------------------------------- all

/** Imports a checkpoint, a network's weights, or the arguments of an official run. */
export const importFile = (file: string, options: ImportOptions): TE.TaskEither<Failure, Imported> =>
  pipe(
    TE.Do,
    TE.bind('kind', () => kindOf(file)),
    TE.bind('args', () => (options.args === undefined ? TE.right(undefined) : readArgs(options.args))),
    TE.chain(({ kind, args }) => {
      if (kind === 'text') return importArgs(file, options)
      const network = options.network ?? 'teacher'
      if (kind === 'safetensors') return importWeights(file, network, args, options)
      return withTorchCheckpoint(file, ({ value, read }) => {
        if (!isOfficial(value)) return importWeights(file, network, args, options)
        return pipe(
          TE.fromEither(officialOf(value)),
          TE.mapLeft((why) => unusable(file, why)),
          TE.chain((official) => {
            const known = args ?? official.args
            return options.network !== undefined || official.optimizer === undefined || known === undefined
              ? importWeights(file, network, known, options)
              : importRun(file, official, known, read, options)
          }),
        )
      })
    }),
  )
