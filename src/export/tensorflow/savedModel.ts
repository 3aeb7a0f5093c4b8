/** `saved-model`: a folder that TensorFlow and its servers load, with the weights as constants of the graph. */
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { failureOf } from '../../engine/thrown'
import { IMAGES, outputNames } from '../../evaluate/outputs'
import { DTYPE } from '../../graph/dtype'
import { makeFolder, writeAtomically } from '../../io/files'
import { runSavedModel } from '../../tensorflow/savedModel'
import type { LibraryFormat } from '../format'
import { infoOf, type Portable } from '../portable'
import { fromGraph } from '../recording'
import { graphDefOf, shapeOf } from './graphDef'
import { type Signature, savedModelOf } from './savedModelProto'

const signatureOf = ({ nodes, outputs }: Portable): Signature => {
  const images = nodes.find(({ kind }) => kind === 'images')!
  const dtype = DTYPE.float32
  return {
    inputs: { [IMAGES]: { name: `${IMAGES}:0`, dtype, shape: shapeOf(images.outputs[0]!.shape) } },
    outputs: Object.fromEntries(
      outputs.map(({ name, of }) => [name, { name: `${name}:0`, dtype, shape: shapeOf(infoOf(of).shape) }]),
    ),
  }
}

export const savedModel: LibraryFormat = {
  path: ({ which, withHead }) => `${which}${withHead ? '-with-head' : ''}-saved-model`,
  isFolder: true,
  needsLibrary: true,
  write: (model, path) =>
    pipe(
      fromGraph(model, 'a SavedModel', (portable) => savedModelOf(graphDefOf(portable), signatureOf(portable))),
      TE.chain((bytes) => writeAtomically(join(path, 'saved_model.pb'), bytes)),
      // Loaders look for it, though constants need none.
      TE.chain(() => makeFolder(join(path, 'variables'))),
    ),
  compute: (model, path, { library }, { values, shape }) =>
    TE.tryCatch(async () => {
      const names = outputNames(model)
      const results = await runSavedModel(library, path, { name: IMAGES, shape, values }, names)
      return [Object.fromEntries(results.map((result, i) => [names[i]!, result]))]
    }, failureOf),
  usage: (_, path) => `tf.saved_model.load(${JSON.stringify(path)}).signatures['serving_default'](pixel_values=…)`,
}
