/** One network of a run as its newest checkpoint holds it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, rejected } from '../base/failure'
import type { NetworkName } from '../base/networkName'
import type { Registry } from '../dsl/registry'
import { readDesign } from '../program/design'
import { frozenNetwork, type Network, type Networks, networksOf } from '../program/networks'
import { below, HEAD, under } from '../program/stateNames'
import { readPart } from '../store/checkpoint'
import { listCheckpoints } from '../store/checkpoints'
import { runFolder } from '../store/folder'
import { readPipelineIn } from '../store/pipelineFile'
import { fitWeights, mismatch } from '../weights/fit'
import { readNetwork } from '../weights/network'
import { describedModel, type Model, type WeightValues } from './model'

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
    TE.let('model', ({ design, checkpoint, channels, found }) =>
      describedModel(design, found, { channels, withHead, step: checkpoint?.step ?? 0 }),
    ),
    TE.bind('weights', ({ model, checkpoint }) =>
      checkpoint === undefined
        ? weightsOfFile(run, model)
        : TE.map((part: WeightValues) => under(model.which, part))(readPart(checkpoint.path, below(model.which, model.specs))),
    ),
    TE.map(({ model, weights }) => ({ ...model, weights })),
  )
}
