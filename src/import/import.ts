/**
 * An import from beginning to end: what other programs have trained becomes a folder of ibot's. A checkpoint with all that
 * a run needs becomes a run to go on with; a network alone becomes weights and a pipeline that starts from them; arguments
 * become a pipeline.
 */
import { basename, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command, pathWord } from '../base/command'
import { type Failure, rejected } from '../base/failure'
import type { NetworkName } from '../base/networkName'
import { version } from '../base/version'
import type { Plan } from '../dsl/plan'
import { toYaml } from '../dsl/print'
import { readPlan } from '../dsl/read'
import type { Registry } from '../dsl/registry'
import { readFile, writeAtomically } from '../io/files'
import { serialize } from '../io/safetensors'
import { isOfficial, type OfficialCheckpoint, type OptimizerState, officialOf } from '../io/torch/official'
import type { Plain } from '../io/torch/plain'
import { type TorchCheckpoint, withTorchCheckpoint } from '../io/torchCheckpoint'
import { modulesIn } from '../ops/registry'
import { crossCheck } from '../program/crossCheck'
import { type Design, designOf } from '../program/design'
import { architectureOf, imagesOf, networksOf } from '../program/networks'
import { programOf } from '../program/program'
import { spanOf, supposed } from '../program/span'
import { saveCheckpoint } from '../store/checkpoint'
import { checkpointPath } from '../store/checkpoints'
import { createRunFolder, opsOptions, resumeCommand } from '../store/folder'
import { writeImported } from '../store/record'
import { description } from '../weights/description'
import { fitWeights, mismatch } from '../weights/fit'
import { type NetworkWeights, readNetwork } from '../weights/network'
import { kindOf, unusable } from '../weights/tensors'
import { emptyFolder } from './folder'
import { type OfficialArgs, officialArgs, PAPER, parseArgs } from './officialArgs'
import { officialState } from './officialState'
import { optimizerNumbers, otherOptimizer } from './optimizer'
import { type RecipeOptions, recipeNotes, recipeOf, sizesOfArgs } from './recipe'
import { type Facts, type Sizes, sizesOf } from './sizesOf'
import { weightsIn } from './weightsIn'

export interface ImportOptions {
  /** The folder that is made; it must be empty. */
  readonly out: string
  /** A file with the official run's arguments, where they are not in the checkpoint. */
  readonly args?: string | undefined
  /** The folder of the pictures, instead of the one in the arguments. */
  readonly data?: string | undefined
  /** Takes one network only: its weights, and a pipeline that starts from them. */
  readonly network?: NetworkName | undefined
  /** Attention heads of the backbone, where nothing in the file or beside it tells them; for a Swin transformer those of each stage. */
  readonly heads?: readonly number[] | undefined
  /** Values of the pipeline that are set, as by `--set`. */
  readonly set?: readonly string[] | undefined
  /** Paths of what is removed from the pipeline first, as by `--unset`. */
  readonly unset?: readonly string[] | undefined
}

export interface Imported {
  readonly kind: 'run' | 'weights' | 'pipeline'
  readonly folder: string
  /** The number of weights that were taken, each by its own name. */
  readonly weights: number
  /** The number of weights that the network has. */
  readonly total: number
  /** Of the network, but not in the file. */
  readonly missing: readonly string[]
  /** In the file, but not of the network. */
  readonly unexpected: readonly string[]
  /** Whose names the file has; null for arguments alone. */
  readonly names: NetworkWeights['names'] | null
  /** Attention heads of the backbone, of each stage where they differ; null for arguments alone. */
  readonly heads: number | readonly number[] | null
  /** What is known of the network besides its weights, and what was changed to fit, as sentences. */
  readonly notes: readonly string[]
  /** What nothing in the file tells, as sentences. */
  readonly guesses: readonly string[]
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

const isJson = (text: string): boolean =>
  /^\s*[[{]/.test(text) && E.isRight(E.tryCatch(() => JSON.parse(text) as unknown, E.toError))

/** Why a text without arguments holds none. */
const notArguments = (text: string): string =>
  isJson(text)
    ? 'it is JSON, and arguments are read as the official code prints them, each on a line of its own: `arch: vit_small`'
    : 'it holds no arguments of the official code, such as a line `arch: vit_small`'

/** The arguments in a file. */
const readArgs = (path: string): TE.TaskEither<Failure, Args> =>
  pipe(
    readFile(path, 'the arguments'),
    TE.chainEitherK((bytes) => {
      const text = new TextDecoder().decode(bytes)
      return E.fromNullable(unusable(path, notArguments(text)))(parseArgs(text))
    }),
  )

interface ImportedPipeline {
  /** The pipeline in full. */
  readonly text: string
  readonly design: Design
  readonly sizes: Sizes
  readonly args: OfficialArgs
}

/** What is told of the sizes of a network. */
const told = ({ backbone, remarks }: Sizes): Pick<Imported, 'heads' | 'notes' | 'guesses'> => ({
  heads: backbone.heads,
  notes: remarks.flatMap(({ text, isGuess }) => (isGuess ? [] : [text])),
  guesses: remarks.flatMap(({ text, isGuess }) => (isGuess ? [text] : [])),
})

const archIn = (args: Args | undefined): Pick<Facts, 'arch'> => ({ arch: typeof args?.arch === 'string' ? args.arch : undefined })

/** The command that begins a run of it. */
const runCommand = (file: string, { plan }: Design): string =>
  command('ibot', 'run', pathWord(file), ...opsOptions(modulesIn(plan.pipeline)))

const HEADER = 'Made by ibot import from the arguments and the weights of an official run.'

/** What is told of a network, and of the arguments. */
const remarked = (args: OfficialArgs, sizes: Sizes): Sizes => ({
  ...sizes,
  remarks: [...sizes.remarks, ...recipeNotes(args, sizes).map((text) => ({ text, isGuess: false }))],
})

/** The pipeline for these arguments and sizes, with what is set by hand, which may name ops of the registry. */
const recipe = (
  registry: Registry,
  file: string,
  args: Args,
  sizes: (args: OfficialArgs) => E.Either<string, Sizes>,
  { out, data, set, unset }: ImportOptions,
  more: Omit<RecipeOptions, 'name'> = {},
): E.Either<Failure, ImportedPipeline> =>
  pipe(
    E.Do,
    E.bind('known', () => officialArgs(data === undefined ? args : { ...args, data_path: data })),
    E.bind('sizes', ({ known }) => sizes(known)),
    E.chain(({ known, sizes: found }) =>
      pipe(
        recipeOf(known, found, { name: nameOf(out), ...more }),
        E.map((plan) => ({ plan, known, sizes: found })),
      ),
    ),
    E.mapLeft((why) => unusable(file, why)),
    E.chain(({ plan, known, sizes: found }) =>
      pipe(
        readPlan(registry, pipelineFile(out), toYaml(plan), { set, unset }, crossCheck(registry)),
        E.mapLeft((problems): Failure => rejected(problems)),
        E.chain(({ plan: whole }: { readonly plan: Plan }) => designOf(registry, whole)),
        E.map((design) => ({ design, args: known, sizes: remarked(known, found), text: toYaml(design.plan, HEADER) })),
      ),
    ),
  )

// ------------------------------------------------------------------------------------------------------- a pipeline

const importArgs = (registry: Registry, file: string, options: ImportOptions): TE.TaskEither<Failure, Imported> =>
  pipe(
    readArgs(file),
    TE.chainEitherK((args) => recipe(registry, file, args, sizesOfArgs, options)),
    TE.chainFirst(() => emptyFolder(options.out)),
    TE.chainFirst(({ text }) => writeAtomically(pipelineFile(options.out), text)),
    TE.map(({ design, sizes }) => ({
      kind: 'pipeline',
      folder: options.out,
      weights: 0,
      total: 0,
      missing: [],
      unexpected: [],
      names: null,
      ...told(sizes),
      heads: null,
      epoch: null,
      step: null,
      next: runCommand(pipelineFile(options.out), design),
    })),
  )

// ---------------------------------------------------------------------------------------------------------- weights

/** Whether the last layer of the file's head is one or two, where it has a head. */
const headArgs = ({ weights }: NetworkWeights): Args => {
  const [cls, patch] = ['head.last_layer.weight_v', 'head.last_layer2.weight_v'].map((name) => weights.get(name))
  if (cls === undefined) return {}
  const isShared = patch === undefined || Buffer.compare(bytes(cls.data), bytes(patch.data)) === 0
  return { shared_head: isShared, shared_head_teacher: isShared }
}
const bytes = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** What can be known of the network in a file. */
const factsOf = (
  { known, prefix, layerNormEps, args }: NetworkWeights,
  own: Args | undefined,
  { heads }: ImportOptions,
): Facts => ({
  stated: heads,
  known,
  prefix,
  layerNormEps,
  ...archIn(own ?? args),
})

const importWeights = (
  registry: Registry,
  file: string,
  network: NetworkName | undefined,
  embedded: Args | undefined,
  options: ImportOptions,
  said: readonly string[] = [],
): TE.TaskEither<Failure, Imported> => {
  const path = join(options.out, 'weights.safetensors')
  return pipe(
    readNetwork(file, network),
    TE.bindTo('read'),
    TE.bind('made', ({ read }) =>
      TE.fromEither(
        recipe(
          registry,
          file,
          { ...(embedded === undefined ? PAPER : {}), ...headArgs(read), ...embedded },
          () => sizesOf(read.weights, factsOf(read, embedded, options)),
          options,
          {
            weights: path,
          },
        ),
      ),
    ),
    TE.bind('fit', ({ read, made: { design } }) => {
      const { weights, buffers } = networksOf(design, design.views.meaning.mean.length as 1 | 3).student
      const specs = { ...weights, ...buffers }
      const fit = fitWeights(specs, read.weights)
      const why = fit.unfit[0] ?? mismatch(fit)
      return why === undefined ? TE.right({ specs, ...fit }) : TE.left(unusable(file, why))
    }),
    TE.chainFirst(() => emptyFolder(options.out)),
    TE.chainFirst(({ read, made: { design }, fit: { weights, specs } }) =>
      writeAtomically(
        path,
        serialize(
          Object.entries(weights).map(([name, data]) => [name, { dtype: 'F32', shape: specs[name]!.shape, data }] as const),
          {
            format: 'pt',
            ibot: version,
            network: read.network ?? network ?? 'teacher',
            from: basename(file),
            ...description(architectureOf(design), imagesOf(design)),
          },
        ),
      ),
    ),
    TE.chainFirst(({ made: { text } }) => writeAtomically(pipelineFile(options.out), text)),
    TE.map(({ read: { names, notes }, made: { design, sizes }, fit }) => {
      const about = told(sizes)
      return {
        kind: 'weights',
        folder: options.out,
        weights: Object.keys(fit.weights).length,
        total: Object.keys(fit.specs).length,
        missing: fit.missing,
        unexpected: fit.unexpected,
        names,
        ...about,
        notes: [...said, ...about.notes, ...notes, ...fit.resized.map((sentence) => `resized: ${sentence}`)],
        epoch: null,
        step: null,
        next: runCommand(pipelineFile(options.out), design),
      }
    }),
  )
}

// -------------------------------------------------------------------------------------------------------------- a run

/** Parts of a checkpoint that have no counterpart here: the scale of gradients in half precision. */
const KNOWN: readonly string[] = ['student', 'teacher', 'optimizer', 'epoch', 'args', 'ibot_loss']

const importRun = (
  registry: Registry,
  file: string,
  official: OfficialCheckpoint & { readonly optimizer: OptimizerState },
  args: Args,
  read: TorchCheckpoint['read'],
  options: ImportOptions,
): TE.TaskEither<Failure, Imported> =>
  pipe(
    optimizerNumbers(official.optimizer),
    E.mapLeft((why) => unusable(file, why)),
    E.chain((optimizer) =>
      recipe(registry, file, args, () => sizesOf(official.student, { stated: options.heads, ...archIn(args) }), options, {
        optimizer,
      }),
    ),
    TE.fromEither,
    TE.bindTo('made'),
    TE.filterOrElse(
      ({ made: { args: known } }) => otherOptimizer(official.optimizer, known.optimizer) === undefined,
      ({ made: { args: known } }) => unusable(file, otherOptimizer(official.optimizer, known.optimizer)!),
    ),
    // The state's names and shapes don't depend on how many pictures there are.
    TE.bind('span', ({ made: { design } }) => TE.fromEither(spanOf(design, supposed(design)))),
    TE.let('program', ({ made: { design }, span }) => programOf(design, span, supposed(design).channels)),
    TE.bind('state', ({ program, made: { args: known } }) => officialState(file, program, official, known, read)),
    TE.bind('folder', ({ made: { design } }) =>
      createRunFolder(nameOf(options.out), options.out, modulesIn(design.plan.pipeline)),
    ),
    TE.chainFirst(({ folder, program, made: { design }, state: { state, step } }) =>
      saveCheckpoint(
        checkpointPath(folder.checkpoints, step),
        program.state,
        { state, progress: { step, probes: {} } },
        description(architectureOf(design), imagesOf(design)),
      ),
    ),
    TE.chainFirst(({ folder, made: { design, text }, state: { step } }) =>
      writeImported(folder, design, { from: basename(file), epoch: official.epoch ?? null, step }, text),
    ),
    TE.map(({ folder, program, made: { sizes }, state: { step, unexpected } }) => ({
      kind: 'run',
      folder: folder.path,
      weights: Object.keys(program.state).length,
      total: Object.keys(program.state).length,
      ...told(sizes),
      missing: [],
      unexpected: [...official.parts.filter((part) => !KNOWN.includes(part)), ...unexpected],
      names: 'official',
      epoch: official.epoch ?? null,
      step,
      next: resumeCommand(folder),
    })),
  )

// --------------------------------------------------------------------------------------------------------------- all

/** Imports a checkpoint, a network's weights, or the arguments of an official run; of a folder, the weights in it. */
export const importFile = (registry: Registry, path: string, options: ImportOptions): TE.TaskEither<Failure, Imported> =>
  pipe(
    weightsIn(path),
    TE.chain((file) => importOne(registry, file, options)),
  )

const importOne = (registry: Registry, file: string, options: ImportOptions): TE.TaskEither<Failure, Imported> =>
  pipe(
    TE.Do,
    TE.bind('kind', () => kindOf(file)),
    TE.bind('args', () => (options.args === undefined ? TE.right(undefined) : readArgs(options.args))),
    TE.chain(({ kind, args }) => {
      if (kind === 'text') return importArgs(registry, file, options)
      const { network } = options
      if (kind === 'safetensors') return importWeights(registry, file, network, args, options)
      return withTorchCheckpoint(file, ({ value, read }) => {
        if (!isOfficial(value)) return importWeights(registry, file, network, args, options)
        return pipe(
          TE.fromEither(officialOf(value)),
          TE.mapLeft((why) => unusable(file, why)),
          TE.chain((official) => {
            const known = args ?? official.args
            const { optimizer, losses } = official
            if (network !== undefined || optimizer === undefined || known === undefined)
              return importWeights(registry, file, network, known, options)
            // As DINO's checkpoints are.
            if (losses.size === 0)
              return importWeights(registry, file, network, known, options, [
                "it has no centres of iBOT's losses (ibot_loss), and is no run of its: this is its teacher",
              ])
            return importRun(registry, file, { ...official, optimizer }, known, read, options)
          }),
        )
      })
    }),
  )
