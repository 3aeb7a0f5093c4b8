/** A number of metrics.jsonl, with what it takes to read and to draw it, whatever gives it. */
import type { ProbeMetric } from '../ops/probe/metric'

export interface Metric {
  /** As in metrics.jsonl: `clsDistillation.loss`, `knn.accuracy`. */
  readonly name: string
  readonly kind: 'loss' | 'schedule' | 'monitor' | 'probe'
  /** The stage that gives it; null where it belongs to the run as a whole. */
  readonly stage: string | null
  /** `percent`: a share in [0, 1], which people are shown in percent. */
  readonly format: ProbeMetric['format']
  /** Null where neither is. */
  readonly better: ProbeMetric['better'] | null
  /** Metrics with the same chart are drawn in one. */
  readonly chart: string
  /** Whether it is measured once, as something to compare the others of its chart with. */
  readonly baseline: boolean
}

/** A number of which no more is said, with a chart of its own. */
export const numberMetric = (name: string, kind: Metric['kind'], stage: string | null): Metric => ({
  name,
  kind,
  stage,
  format: 'number',
  better: null,
  chart: name,
  baseline: false,
})
