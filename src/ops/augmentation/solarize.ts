import { define } from '../../dsl/op'
import { integer, optional } from '../../dsl/type'
import { solarize as invertAbove } from '../../image/solarize'
import { augmentation, type Drawn, pointwise } from './kind'

/** All values from `threshold` on inverted. */
export const solarizeFrom = (threshold: number): Drawn => ({
  name: 'solarize',
  parameters: { threshold },
  apply: invertAbove(threshold),
  paint: (canvas) => canvas.solarize(threshold),
})

export const solarize = define(augmentation)({
  name: 'solarize',
  doc: 'Inverts every value from a threshold on.',
  equation: 'x < threshold ? x : 255 - x',
  source: 'Pillow ImageOps.solarize; iBOT takes p 0.2, on all global views but the first',
  fields: { threshold: optional(integer(0, 256), 128, 'the lowest value that is inverted') },
  main: 'threshold',
  build: ({ threshold }) => pointwise(() => solarizeFrom(threshold)),
})
