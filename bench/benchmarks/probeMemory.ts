/** The resident memory that a probe takes beyond the features: by which share of them it grows, and what is left of it without any. */
import type { Benchmark, Options } from '../benchmark'
import { median, repeat } from '../compare'
import { using } from '../programs/child'
import { ourProbe } from '../programs/ours'
import { RECIPE } from '../setup'

const ROUNDS = 3
const MEGABYTE = 1e6
/** Fewer and more rows: what differs between the two is what grows. */
const FULL = { rows: [50_000, 200_000], tests: 1_000, width: 384, classes: 10 } as const
const SMALL = { rows: [500, 2_000], tests: 100, width: 16, classes: 3 } as const

/** Megabytes of so many rows of features. */
const megabytes = (rows: number, width: number): number => (rows * width * Float32Array.BYTES_PER_ELEMENT) / MEGABYTE

const benchmark = (name: string, doc: string, stage: string): Benchmark => ({
  name,
  doc,
  run: async ({ rounds = ROUNDS, small, backend }: Options) => {
    const { rows, ...size } = small ? SMALL : FULL
    // A new process each time: memory is that of one measurement.
    const extra = (rows: number): Promise<number> =>
      using(
        [ourProbe({ ...size, stage, rows, threads: RECIPE.threads, backend })],
        async ([program]) => (await program!.ask('step')).extra! / MEGABYTE,
      )
    const [few, many] = [rows[0], rows[1]].map((count) => ({ count, features: megabytes(count, size.width) }))
    const [less, more] = [
      median(await repeat(() => extra(few!.count), rounds)),
      median(await repeat(() => extra(many!.count), rounds)),
    ]
    const share = (more - less) / (many!.features - few!.features)
    const line = { ratio: null, theirs: null, rounds }
    return [
      { ...line, name, ours: 100 * share, unit: '% of the features' },
      { ...line, name: `${name}-fixed`, ours: less - share * few!.features, unit: 'MB' },
    ]
  },
})

/** Pictures that nobody reads: the features are there. */
const PICTURES = '{ shapes: { count: 100, size: 8 } }'

export const PROBE_MEMORY: readonly Benchmark[] = [
  benchmark('probe-memory-knn', 'memory of k-NN beyond its features, 50,000 and 200,000 × 384', `knn: { test: ${PICTURES} }`),
  benchmark('probe-memory-linear', 'the same of the linear probe', `linearProbe: { test: ${PICTURES}, epochs: 2 }`),
  benchmark(
    'probe-memory-logistic',
    'the same of the logistic regression',
    `logisticRegression: { test: ${PICTURES}, iterations: 20 }`,
  ),
  benchmark('probe-memory-clustering', 'the same of k-means', `clustering: { images: ${PICTURES}, rounds: 20 }`),
]
