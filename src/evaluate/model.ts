/** What is exported: one network of a run as its newest checkpoint holds it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, rejected } from '../base/failure'
import type { NetworkName } from '../base/networkName'
import type { Registry } from '../dsl/registry'
import { type Json, opBody } from '../dsl/type'
import type { Architecture } from '../nn/architecture'
import type { WeightSpecs } from '../nn/layer'
import { type Design, readDesign } from '../program/design'
import { frozenNetwork, type Network, type Networks, networksOf } from '../program/networks'
import { BACKBONE, below, HEAD, under } from '../program/stateNames'
import { readPart } from '../store/checkpoint'
import { listCheckpoints } from '../store/checkpoints'
import { runFolder } from '../store/folder'
import { readPipelineIn } from '../store/pipelineFile'
import { fitWeights, mismatch } from '../weights/fit'
import { readNetwork } from '../weights/network'

/** Weights by their official names: `backbone.…`, and `head.…` where there is one. */
export type WeightValues = Readonly<Record<string, Float32Array>>

export interface Model {
  /** The pipeline that it comes from. */
  readonly design: Design
  readonly which: NetworkName
  readonly network: Network
  readonly withHead: boolean
  /** The weights, and the head's running statistics; names as in `WeightValues`. */
  readonly specs: WeightSpecs
  readonly weights: WeightValues
  /** The backbone's op with its parameters in full, and what it says of itself. */
  readonly backbone: {
    readonly name: string
    readonly fields: Readonly<Record<string, Json>>
    readonly width: number
    readonly hasCls: boolean
    readonly architecture: Architecture
  }
  /** The images that it takes: height and width in pixels, and how they are normalised. */
  readonly images: {
    readonly size: readonly [number, number]
    readonly channels: 1 | 3
    /** Pixels along a side of what one token of the output stands for. */
    readonly stride: number
    readonly mean: readonly number[]
    readonly std: readonly number[]
  }
  /** Steps of training. */
  readonly step: number
}

export interface ModelOptions {
  /** By default the frozen network, see `frozenNetwork`. */
  readonly network?: NetworkName | undefined
  readonly withHead: boolean
}

/** A network of a design by its name. */
const chosen = (
  run: string,
  networks: Networks,
  which: NetworkName,
): E.Either<Failure, { readonly which: NetworkName; readonly network: Network }> =>
  pipe(
    networks[which],
    E.fromNullable(
      missing(`the run in ${run} has no ${which}: no stage of its pipeline is one`, "Take its student: '--network student'."),
    ),
    E.map((network) => ({ which, network })),
  )

/** The weights of the backbone, and of the head if it is wanted; a student's own ones of its losses belong to neither. */
const specsOf = ({ weights, buffers }: Network, withHead: boolean): WeightSpecs => {
  const parts = withHead ? [BACKBONE, HEAD] : [BACKBONE]
  return Object.fromEntries(
    Object.entries({ ...weights, ...buffers }).filter(([name]) => parts.some((part) => name.startsWith(`${part}.`))),
  )
}

const newest = (folder: string): TE.TaskEither<Failure, { readonly step: number; readonly path: string }> =>
  pipe(
    listCheckpoints(folder),
    TE.chainEitherK((found) =>
      found.length === 0
        ? E.left(missing(`there is no checkpoint in ${folder}`, 'Go on with the run until it has saved one.'))
        : E.right(found.at(-1)!),
    ),
  )

/** The weights that a pipeline starts from, which must be all of those that are wanted. */
const weightsOfFile = (
  folder: string,
  { design: { initialWeights }, specs, withHead }: Pick<Model, 'design' | 'specs' | 'withHead'>,
): TE.TaskEither<Failure, WeightValues> => {
  if (initialWeights === undefined)
    return TE.left(
      missing(
        `there is no network in ${folder}: its pipeline was never run, and starts from no weights`,
        'Run it, or name the folder of a run.',
      ),
    )
  const { file, network } = initialWeights.meaning
  return pipe(
    readNetwork(file, network === 'teacher' ? undefined : network),
    TE.chainEitherK((read) => {
      const fit = fitWeights(specs, read.weights)
      const lacking = fit.missing.find((name) => withHead || !name.startsWith(`${HEAD}.`))
      const why = fit.unfit[0] ?? mismatch(fit) ?? (lacking && `it has no ${lacking}`)
      return why === undefined
        ? E.right(fit.weights)
        : E.left(
            missing(`the weights in ${file} aren't those of the network: ${why}`, 'Import them again, with the right sizes.'),
          )
    }),
  )
}

/** The network of the run in a folder; of an import of weights, as they are in its file. It takes the pipeline and the checkpoint; the data aren't opened. */
export const readModel = (
  registry: Registry,
  run: string,
  { network: asked, withHead }: ModelOptions,
): TE.TaskEither<Failure, Model> => {
  const { checkpoints } = runFolder(run)
  return pipe(
    TE.Do,
    TE.bind('pipeline', () => readPipelineIn(run)),
    TE.bind('design', ({ pipeline: { path, text } }) =>
      TE.fromEither(
        pipe(
          readDesign(registry, path, text),
          E.bimap(rejected, ({ design }) => design),
        ),
      ),
    ),
    TE.bind('checkpoint', ({ pipeline: { isRun } }) => (isRun ? newest(checkpoints) : TE.right(undefined))),
    // A pipeline's numbers are checked against its data's channels when it runs.
    TE.let('channels', ({ design }) => design.views.meaning.mean.length as 1 | 3),
    TE.bind('found', ({ design, channels }) =>
      TE.fromEither(chosen(run, networksOf(design, channels), asked ?? frozenNetwork(design))),
    ),
    TE.let('model', ({ design, checkpoint, channels, found: { which, network } }): Omit<Model, 'weights'> => {
      const { mean, std } = design.views.meaning
      const { name, op, meaning } = design.backbone
      return {
        design,
        which,
        network,
        withHead,
        specs: specsOf(network, withHead),
        backbone: {
          name,
          fields: opBody(op) as Readonly<Record<string, Json>>,
          width: meaning.width,
          hasCls: meaning.hasCls,
          architecture: meaning.architecture({ channels, size: design.sizes[0]![0] }),
        },
        images: { size: design.sizes[0]!, channels, stride: meaning.stride, mean, std },
        step: checkpoint?.step ?? 0,
      }
    }),
    TE.bind('weights', ({ model, checkpoint }) =>
      checkpoint === undefined
        ? weightsOfFile(run, model)
        : TE.map((part: WeightValues) => under(model.which, part))(readPart(checkpoint.path, below(model.which, model.specs))),
    ),
    TE.map(({ model, weights }) => ({ ...model, weights })),
  )
}
