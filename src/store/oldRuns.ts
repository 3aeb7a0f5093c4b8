/** Runs that began before metrics were named after their stages: what they wrote, under the names of today. */
import type { Progress } from './progress'

type Line = Readonly<Record<string, unknown>>

/** The stages whose losses had names of their own; the value was `cls`, a monitor `cls.agreement`, those of a second one `cls.2` and `cls.2.agreement`. */
const STAGES: Readonly<Record<string, string>> = {
  cls: 'clsDistillation',
  mim: 'maskedImageModeling',
  pixels: 'pixelReconstruction',
}
const NAME = /^(cls|mim|pixels)(\.\d+)?(?:\.(.+))?$/
const TERM = /^(cls|mim|pixels)(\.\d+)?$/

const named = (name: string): string => {
  const found = NAME.exec(name)
  return found === null ? name : `${STAGES[found[1]!]}${found[2] ?? ''}.${found[3] ?? 'loss'}`
}

/** A line of metrics.jsonl. Only the old names have no dot, so that a line of today stays as it is. */
export const currentLine = (line: Line): Line => {
  if ('knn' in line) {
    // Beside the accuracy, `pixels` was the baseline's and no loss.
    const { knn, pixels, ...rest } = line
    return { ...rest, 'knn.accuracy': knn, ...(pixels === undefined ? {} : { 'knn.pixels': pixels }) }
  }
  return Object.keys(line).some((name) => TERM.test(name))
    ? Object.fromEntries(Object.entries(line).map(([name, value]) => [named(name), value]))
    : line
}

/** The progress of the only probe that there was, as a checkpoint held it. */
interface OldProgress {
  readonly step: number
  readonly before: number | null
  readonly pixels: number | null
}

/** The progress in a checkpoint. */
export const currentProgress = (written: Progress | OldProgress): Progress => {
  if ('probes' in written) return written
  const { step, before, pixels } = written
  if (before === null) return { step, probes: {} }
  return { step, probes: { knn: { before: { accuracy: before }, ...(pixels === null ? {} : { baseline: { pixels } }) } } }
}
