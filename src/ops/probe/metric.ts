/** What a probe measures, as numbers by name; no tensors, so that programs may speak of it. */

/** What a probe measured, by the names of its metrics; without those that had nothing to measure. */
export type Numbers = Readonly<Record<string, number>>

/** How a number that a probe gives is to be read. */
export interface ProbeMetric {
  /** What it is, in a few words. */
  readonly doc: string
  /** `percent`: a share in [0, 1], which people are shown in percent. */
  readonly format: 'percent' | 'number'
  /** null: neither, as of a setting that was found to be the best. */
  readonly better: 'higher' | 'lower' | null
}
export type ProbeMetrics = Readonly<Record<string, ProbeMetric>>
