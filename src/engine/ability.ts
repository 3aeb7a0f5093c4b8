/** Whether what computes can do what the pipeline's `train` asks for. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import type { Training } from '../ops/slots'
import type { Engine } from './backend'

type Asked = Pick<Training, 'precision' | 'device'>

/** Failures name the remedy. `features` are the processor's; a precision that it has to imitate is told by `notify`. */
export const checkAbility = (
  { precision, device }: Asked,
  engine: Engine,
  features: readonly string[] | undefined,
  notify: (message: string) => void,
): E.Either<Failure, void> => {
  if (engine.backend !== 'tensorflow') {
    if (precision !== 'float32')
      return E.left(
        missing(
          `the ${engine.backend} backend computes in float32, and the pipeline asks for ${precision}`,
          "Compute on TensorFlow, or add '--set train.precision=float32'.",
        ),
      )
    if (device === 'gpu')
      return E.left(
        missing(
          `the ${engine.backend} backend computes on the processor, and the pipeline asks for a GPU`,
          "Compute on TensorFlow, or add '--set train.device=auto'.",
        ),
      )
    return E.right(undefined)
  }
  // To list the devices starts them, so they are asked for only where it matters.
  const hasGpu = () => device !== 'cpu' && engine.tensorflow.devices().some(({ type }) => type === 'GPU')
  if (device === 'gpu' && !hasGpu())
    return E.left(
      missing(
        'TensorFlow finds no GPU that it can use, and the pipeline asks for one',
        "Fetch the library for GPUs with 'ibot setup --gpu', look at 'ibot doctor', or add '--set train.device=auto'.",
      ),
    )
  if (precision === 'bfloat16' && features !== undefined && !features.some((name) => /bf16/.test(name)) && !hasGpu())
    notify('this processor has no bfloat16 instructions: a step takes many times as long as in float32')
  return E.right(undefined)
}
