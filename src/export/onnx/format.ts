/** `onnx`: the computation with its weights in one file, for ONNX Runtime and what else reads ONNX. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import type { Computed } from '../../evaluate/compute'
import type { Model } from '../../evaluate/model'
import type { Outputs } from '../../evaluate/outputs'
import { writeAtomically } from '../../io/files'
import type { AnyFormat } from '../format'
import { fromGraph } from '../recording'
import { onnxOf } from './onnxModel'
import { runOnnx } from './run'

/** Writes a model to an ONNX file. */
export const writeOnnx = (model: Model, path: string): TE.TaskEither<Failure, void> =>
  pipe(
    fromGraph(model, 'ONNX', (portable) => onnxOf(model, portable)),
    TE.chain((bytes) => writeAtomically(path, bytes)),
  )

export const onnx: AnyFormat = {
  path: ({ which, withHead }) => `${which}${withHead ? '-with-head' : ''}.onnx`,
  isFolder: false,
  needsLibrary: false,
  write: writeOnnx,
  compute: (_model, path, _engine, images) => TE.map((outputs: Outputs<Computed>) => [outputs])(runOnnx(path, images)),
  usage: (_, path) => `onnxruntime.InferenceSession(${JSON.stringify(path)})`,
}
