/** How the student's weights are spread, tensor by tensor, for TensorBoard. */
import { setImmediate } from 'node:timers/promises'
import type { InterpreterState } from '../engine/interpreter'
import type { Histogram, SummaryValue } from '../io/tfevents'

/** Buckets of one width; TensorBoard itself shows thirty. */
const BUCKETS = 60

/** The histogram of some finite values, at least one. */
export const histogramOf = (values: Float32Array): Histogram => {
  let [min, max, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
    sum += value
    sumSquares += value * value
  }
  const of = { min, max, num: values.length, sum, sumSquares }
  if (min === max) return { ...of, limits: [max], counts: [values.length] }
  const width = (max - min) / BUCKETS
  const counts = new Array<number>(BUCKETS).fill(0)
  for (const value of values) counts[Math.min(BUCKETS - 1, Math.max(0, Math.ceil((value - min) / width) - 1))]!++
  return { ...of, limits: counts.map((_, i) => (i === BUCKETS - 1 ? max : min + (i + 1) * width)), counts }
}

const STUDENT = 'student.'

/** The histograms of all weights of the student. Others get their turn between two tensors. */
export const weightHistograms = async (state: InterpreterState): Promise<readonly SummaryValue[]> => {
  const summaries: SummaryValue[] = []
  for (const [tag, values] of Object.entries(state)) {
    if (!tag.startsWith(STUDENT) || values.length === 0) continue
    summaries.push({ tag, histogram: histogramOf(values) })
    await setImmediate()
  }
  return summaries
}
