/** What a step is going to take: counted in its graph, timed by what TensorFlow is measured to do here just now. */
import { totalmem } from 'node:os'
import { random } from '../base/random'
import { elements } from '../base/shape'
import { stepPasses } from '../engine/record/stepOperations'
import { type Cost, costOf, valueBytes } from '../graph/cost'
import type { Span } from '../ops/schedule/kind'
import { batchBytes } from '../program/batch'
import type { Design } from '../program/design'
import type { Program } from '../program/program'
import type { TensorFlow } from '../tensorflow/capi'
import type { Speed } from '../tensorflow/speed'

export interface StepForecast {
  /** Null where nothing is here that measures. */
  readonly seconds: number | null
  /** Memory of the whole process. */
  readonly bytes: number
  /** Whether this machine has as much memory. */
  readonly fits: boolean
  /** 10⁹ floating-point operations in the matrix products of a step. */
  readonly gflop: number
  /** What was measured on this machine: 10⁹ floating-point operations and 10⁹ bytes a second. */
  readonly measured: { readonly gflops: number; readonly gbytes: number } | null
}

/** How many masks are drawn to see how much they hide. */
const DRAWS = 256

/** How many tokens' outputs a step uses on average: masks are drawn from all epochs of the run. */
export const expectedRows = (
  { masking }: Pick<Design, 'masking'>,
  { steps, stepsPerEpoch }: Span,
  { batch: { mask, grid }, rows }: Pick<Program, 'batch' | 'rows'>,
): number => {
  const used = (hidden: 0 | 1): number => rows(mask && new Float32Array(elements(mask)).fill(hidden))?.length ?? 0
  const [least, most] = [used(0), used(1)]
  if (masking === undefined || least === most) return least
  const epochs = Math.ceil(steps / stepsPerEpoch)
  const cells = grid.height * grid.width
  const hidden = Array.from({ length: DRAWS }, (_, i) =>
    masking.meaning(random('forecast', i), grid, Math.floor((i * epochs) / DRAWS)).reduce((sum, one) => sum + one, 0),
  )
  const share = hidden.reduce((sum, count) => sum + count, 0) / (DRAWS * cells)
  return least + share * (most - least)
}

/** What a step takes, whose passes go over one share each: one after the other, in the same memory but for what they keep. */
export const stepCost = (program: Program, rows: number): Cost => {
  const passes = stepPasses(program)
  const kept = passes.reduce(
    (sum, { gives, times }) => sum + times * gives.reduce((all, value) => all + valueBytes(value, rows), 0),
    0,
  )
  const cost = passes
    .map(({ operations, times }) => ({ times, ...costOf(operations, rows) }))
    .reduce<Cost>(
      (all, { times, operations, flops, moved, peak }) => ({
        operations: all.operations + times * operations,
        flops: all.flops + times * flops,
        moved: all.moved + times * moved,
        peak: Math.max(all.peak, peak),
      }),
      { operations: 0, flops: 0, moved: 0, peak: 0 },
    )
  return { ...cost, peak: cost.peak + kept }
}

/** Matrix products take the time of their arithmetic, everything else that of moving its memory. */
export const secondsOf = ({ flops, moved }: Pick<Cost, 'flops' | 'moved'>, speed: Speed): number =>
  flops / speed.flops + moved / speed.moved

const FLOAT = 4

/** What JavaScript holds beside the graph: a copy of the state, for checkpoints, and the next batch. */
const heldBytes = ({ state, batch }: Program): number =>
  FLOAT * Object.values(state).reduce((sum, { shape }) => sum + elements(shape), 0) + batchBytes(batch)

export const stepForecast = async (
  tensorflow: TensorFlow | undefined,
  design: Pick<Design, 'masking'>,
  span: Span,
  program: Program,
): Promise<StepForecast> => {
  const cost = stepCost(program, expectedRows(design, span, program))
  const speed = tensorflow && (await (await import('../tensorflow/speed.js')).measureSpeed(tensorflow))
  // What this process takes now, Node.js and libraries themselves, a run takes too.
  const bytes = process.memoryUsage().rss + heldBytes(program) + cost.peak
  return {
    seconds: speed === undefined ? null : secondsOf(cost, speed),
    bytes,
    fits: bytes <= totalmem(),
    gflop: cost.flops / 1e9,
    measured: speed === undefined ? null : { gflops: speed.flops / 1e9, gbytes: speed.moved / 1e9 },
  }
}
