/** `safetensors`: the weights under the names of the official checkpoints. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { failureOf } from '../engine/thrown'
import { compute } from '../evaluate/compute'
import type { AnyFormat } from './format'
import { official } from './weightBytes'
import { readWeights, writeWeights } from './weightFiles'

export const safetensors: AnyFormat = {
  path: ({ which, withHead }) => `${which}${withHead ? '-with-head' : ''}.safetensors`,
  isFolder: false,
  needsLibrary: false,
  write: (model, path) => writeWeights(model, official(model), path),
  compute: (model, path, engine, images) =>
    pipe(
      readWeights(model, official(model), path),
      TE.chain((weights) => TE.tryCatch(async () => [await compute(engine, model, weights, images)], failureOf)),
    ),
  usage: (_, path) => `safetensors.torch.load_file(${JSON.stringify(path)})`,
}
