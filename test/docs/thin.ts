/**
 * `npx tsx test/docs/thin.ts RUN`: writes what the docs' picture of the quickstart shows of a run to test/docs/quickstart.json, of which
 * `npm run generate` draws it. The run was `npx ibot run pipelines/quickstart.yaml --set "knn.every=500 steps"`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from './result'

type Line = Readonly<Record<string, number>>

/** How many steps are one point of a curve. */
const STEPS = 40

const run = process.argv[2]!
const read = (name: string): string => readFileSync(join(run, name), 'utf8')
const lines = read('metrics.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)
const { seed, backend, steps } = JSON.parse(read('run.json')) as Pick<Result, 'seed' | 'backend' | 'steps'>

const probes = lines.filter((line) => 'knn.accuracy' in line)
const losses = new Map(lines.filter((line) => 'loss' in line).map((line) => [line.step!, line]))
const meanOf = (name: string, from: number): number => {
  const values = Array.from({ length: STEPS }, (_, i) => losses.get(from + 1 + i)![name]!)
  return Number((values.reduce((sum, value) => sum + value, 0) / STEPS).toFixed(4))
}
const curve = (name: string): readonly (readonly [number, number])[] =>
  Array.from({ length: steps / STEPS }, (_, i) => [(i + 0.5) * STEPS, meanOf(name, i * STEPS)])

const result: Result = {
  seed,
  backend,
  steps,
  pixels: probes[0]!['knn.pixels']!,
  knn: probes.map((line) => [line.step!, line['knn.accuracy']!]),
  cls: curve('clsDistillation.loss'),
  mim: curve('maskedImageModeling.loss'),
}
writeFileSync(join(__dirname, 'quickstart.json'), `${JSON.stringify(result)}\n`)
