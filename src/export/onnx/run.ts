/** Running an ONNX file with ONNX Runtime, which is there for that only. */
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { failureOf } from '../../engine/thrown'
import type { Computed } from '../../evaluate/compute'
import { channelsFirst, type Images } from '../../evaluate/images'
import type { Outputs } from '../../evaluate/outputs'
import { IMAGES } from '../../evaluate/outputs'

const runtime: TE.TaskEither<Failure, typeof import('onnxruntime-node')> = TE.tryCatch(
  () => import('onnxruntime-node'),
  (error) =>
    missing(
      `onnxruntime-node, by which ONNX exports are checked, can't be loaded: ${(error as Error).message.split('\n')[0]}`,
      'Install it: npm install onnxruntime-node.',
    ),
)

/** The outputs of the model in a file. */
export const runOnnx = (path: string, images: Images): TE.TaskEither<Failure, Outputs<Computed>> =>
  TE.chain(({ InferenceSession, Tensor }: typeof import('onnxruntime-node')) =>
    TE.tryCatch(async () => {
      const session = await InferenceSession.create(path)
      try {
        const { values, shape } = channelsFirst(images)
        const outputs = await session.run({ [IMAGES]: new Tensor('float32', values, shape) })
        return Object.fromEntries(
          Object.entries(outputs).map(([name, { data, dims }]) => [name, { values: data as Float32Array, shape: dims }]),
        )
      } finally {
        await session.release()
      }
    }, failureOf),
  )(runtime)
