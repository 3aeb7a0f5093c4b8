/** For which share of a run its steps waited for their batches. */

/** What a step writes into metrics.jsonl; a probe's lines have no `dataWait`. */
interface Line {
  readonly seconds?: number
  readonly dataWait?: number
}

/** Percent of the time after the first step, which waits for threads and kernels. */
export const waited = (metrics: string): number => {
  const lines = metrics
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const [first, ...others] = lines.filter(({ dataWait }) => dataWait !== undefined)
  const seconds = others[others.length - 1]!.seconds! - first!.seconds!
  return (100 * others.reduce((sum, { dataWait }) => sum + dataWait!, 0)) / seconds
}
