/** Whether what computes can do what the pipeline's `train` asks for. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import type { Training } from '../ops/slots'
import type { Abilities, Engine } from './engine'
import { ENGINES } from './engines'

type Asked = Pick<Training, 'precision' | 'device' | 'devices'>

/** `Compute on TensorFlow` */
const computeOn = (can: (engine: Abilities) => boolean): string =>
  `Compute on ${ENGINES.filter(can)
    .map(({ title }) => title)
    .join(' or ')}`

/** Failures name the remedy. `features` are the processor's; a precision that it has to imitate is told by `notify`. */
export const checkAbility = (
  { precision, device, devices: count }: Asked,
  { name, title, precisions, gpuRemedy, devices }: Pick<Engine, 'name' | 'title' | 'precisions' | 'gpuRemedy' | 'devices'>,
  features: readonly string[] | undefined,
  notify: (message: string) => void,
): E.Either<Failure, void> => {
  if (!precisions.includes(precision))
    return E.left(
      missing(
        `the ${name} backend computes in ${precisions.join(' or ')}, and the pipeline asks for ${precision}`,
        `${computeOn((engine) => engine.precisions.includes(precision))}, or add '--set train.precision=${precisions[0]}'.`,
      ),
    )
  const asked = device === 'gpu' || device === 'tpu' ? device.toUpperCase() : undefined
  const several = count !== 'auto' && count > 1
  if (gpuRemedy === undefined && (asked !== undefined || several))
    return E.left(
      missing(
        asked === undefined
          ? `the ${name} backend computes on one device, and the pipeline asks for ${count}`
          : `the ${name} backend computes on the processor, and the pipeline asks for a ${asked}`,
        `${computeOn((engine) => engine.gpuRemedy !== undefined)}, or add '--set train.${asked === undefined ? 'devices' : 'device'}=auto'.`,
      ),
    )
  // To list the devices starts them, so they are asked for only where it matters.
  const has = (type: string) => device !== 'cpu' && devices().some((one) => one.type === type)
  if (asked !== undefined && !has(asked))
    return E.left(
      missing(
        `${title} finds no ${asked} that it can use, and the pipeline asks for one`,
        `${gpuRemedy}, or add '--set train.device=auto'.`,
      ),
    )
  if (several && devices().length < count)
    return E.left(
      missing(
        `the pipeline asks for ${count} devices, and ${title} finds ${devices().length}`,
        "Ask for fewer, or add '--set train.devices=auto'.",
      ),
    )
  const accelerated = () => has('GPU') || has('TPU')
  if (precision === 'bfloat16' && features !== undefined && !features.some((one) => /bf16/.test(one)) && !accelerated())
    notify('this processor has no bfloat16 instructions: a step takes many times as long as in float32')
  return E.right(undefined)
}
