/** Learning rate, weight decay, momentum by step and temperatures by epoch, in the project's own schedules. */
import * as t from 'io-ts'
import { type constant, cosine, linear, piecewise } from '../../src/ops/all'
import { type Duration, type Schedule, schedule } from '../../src/ops/schedule/kind'
import { type Check, matches, near } from './check'
import { described, type Fixture } from './fixture'
import { meaning } from './ops'
import { temperature } from './temperature'

const Cosine = t.intersection([
  t.type({ base_value: t.number, final_value: t.number, epochs: t.number, niter_per_ep: t.number }),
  t.partial({ warmup_epochs: t.number, start_warmup_value: t.number }),
])
const Temperature = t.type({
  nepochs: t.number,
  mim_start_epoch: t.number,
  teacher_temp: t.number,
  teacher_patch_temp: t.number,
  warmup_teacher_temp: t.number,
  warmup_teacher_patch_temp: t.number,
  warmup_teacher_temp_epochs: t.number,
})
const Description = t.type({
  config: t.type({ cosine: t.record(t.string, Cosine), temp: t.record(t.string, Temperature) }),
  values_float64: t.record(t.string, t.array(t.number)),
})

/** A warm-up, if there is one, then a cosine. */
const cosineOf = (c: t.TypeOf<typeof Cosine>) => {
  const decay = cosine({ from: c.base_value, to: c.final_value })
  const warm = c.warmup_epochs ?? 0
  const length: Duration = `${warm} epochs`
  return warm === 0 ? decay : piecewise([linear({ from: c.start_warmup_value ?? 0, to: c.base_value, for: length }), decay])
}

const STEPS_PER_EPOCH = 4

/** Every value of a schedule over a number of epochs. */
const valuesOf = (op: ReturnType<typeof constant>, epochs: number, stepsPerEpoch: number): readonly number[] => {
  const span = { steps: epochs * stepsPerEpoch, stepsPerEpoch, batch: 256 }
  const at = meaning<Schedule>(schedule, op).at(span)
  return Array.from({ length: span.steps }, (_, step) => at(step))
}

export const checkSchedules = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, values_float64: exact } = described(Description, fixture)
  const both = (tensor: string, name: string, got: readonly number[]): readonly Check[] => [
    near(`float64/${name}`, got, exact[name] ?? [], fixture.tolerance('values_float64')),
    matches(fixture, tensor, { values: got }),
  ]
  const cosines = Object.entries(config.cosine).flatMap(([name, c]) =>
    both(`cosine/${name}`, name, valuesOf(cosineOf(c), c.epochs, c.niter_per_ep)),
  )
  const temperatures = Object.entries(config.temp).flatMap(([name, c]) => {
    const one = (what: 'cls' | 'patch', start: number, from: number, to: number) => {
      const op = temperature({ start, epochs: c.warmup_teacher_temp_epochs, from, to })
      const values = valuesOf(op, c.nepochs, STEPS_PER_EPOCH)
      const firsts = values.filter((_, step) => step % STEPS_PER_EPOCH === 0)
      // The value holds for a whole epoch.
      const held = firsts.flatMap((value) => Array.from({ length: STEPS_PER_EPOCH }, () => value))
      return [
        ...both(`temp/${name}.${what}`, `${name}.${what}`, firsts),
        near(`held/${name}.${what}`, values, held, { atol: 0, rtol: 0 }),
      ]
    }
    return [
      ...one('cls', 0, c.warmup_teacher_temp, c.teacher_temp),
      ...one('patch', c.mim_start_epoch, c.warmup_teacher_patch_temp, c.teacher_patch_temp),
    ]
  })
  return [...cosines, ...temperatures]
}
