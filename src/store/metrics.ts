/** What a run measures, as its record says; of a run that began before records did, as its pipeline says. */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Design } from '../program/design'
import type { Metric } from '../program/metric'
import { metricsOf } from '../program/metrics'
import { programOf } from '../program/program'
import type { About } from './about'

const Declared: t.Type<Metric, unknown> = t.readonly(
  t.type({
    name: t.string,
    kind: t.keyof({ loss: null, schedule: null, monitor: null, probe: null }),
    stage: t.union([t.string, t.null]),
    format: t.keyof({ number: null, percent: null }),
    better: t.union([t.literal('higher'), t.literal('lower'), t.null]),
    chart: t.string,
    baseline: t.boolean,
  }),
)
const WithMetrics = t.type({ metrics: t.readonlyArray(Declared) })

/** What a record without metrics still tells of the program. */
const Begun = t.type({
  steps: t.number,
  stepsPerEpoch: t.number,
  batch: t.number,
  data: t.type({ channels: t.union([t.literal(1), t.literal(3)]) }),
})

/** The metrics that a run.json declares; undefined where it is that of an older run. */
export const declaredMetrics = (about: About): readonly Metric[] | undefined => {
  const declared = WithMetrics.decode(about)
  return E.isRight(declared) ? declared.right.metrics : undefined
}

/** The metrics of the run whose run.json says this; none of one that has not begun. */
export const recordedMetrics = (about: About, design: Design): readonly Metric[] => {
  const declared = declaredMetrics(about)
  if (declared !== undefined) return declared
  const begun = Begun.decode(about)
  if (E.isLeft(begun)) return []
  const { data, ...span } = begun.right
  return metricsOf(design, programOf(design, span, data.channels))
}
