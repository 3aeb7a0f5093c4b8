/**
 * `npm run scaling`: small runs in several processes on this machine, beside what the model makes of their parts: the step of a
 * share in one process alone, and the exchange alone.
 */
import { fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CaseOf, predictedOf } from './cases'
import type { MemberSetup } from './member'

/** Which 1, 2, 3 and 4 divide. */
const BATCH = 12
const STEPS = 24
/** Steps that don't count: kernels are made in them. */
const FIRST = 4
const TIMES = 12

const pipeline = (batch: number): string => `name: scaling
pipeline:
  - dataset: { shapes: { count: 96, size: 32 } }
  - views: { global: [{ times: 2, augment: [{ randomResizedCrop: { size: 32 } }] }] }
  - masking: { mixture: [none, { block: { ratio: [0.1, 0.5] } }] }
  - vit: { patch: 8, width: 192, depth: 2, heads: 3 }
  - projectionHead: { output: { shared: 4096 }, hidden: 512, bottleneck: 128 }
  - emaTeacher: {}
  - clsDistillation
  - maskedImageModeling
  - adamw: { lr: 1e-3 }
  - train: { batch: ${batch}, steps: ${STEPS}, workers: 0 }
  - checkpoint: { every: ${STEPS} steps }
`

const IBOT = join(__dirname, '..', '..', 'bin', 'ibot.js')

/** What the events of a run tell. */
interface Told {
  readonly event: string
  readonly parameters?: number
  readonly step?: number
  readonly metrics?: unknown
}

/** The quickest quarter begins there: whatever else the machine does, makes others slower. */
const quick = (seconds: readonly number[]): number => seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 4)]!

/** Seconds a step of a run in so many processes, each with one thread; and how many weights it trains. */
const run = async (
  folder: string,
  processes: number,
  batch: number,
): Promise<{ readonly step: number; readonly parameters: number }> => {
  const name = `${processes}-${batch}`
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, pipeline(batch))
  const out = join(folder, name)
  const child = spawn(
    process.execPath,
    [IBOT, 'launch', '-n', String(processes), '--threads', '1', '--json', '--backend', 'tensorflow', file, '--out', out],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`the run in ${processes} processes ended with ${String(code)}`)
  const start = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Told)
    .find(({ event }) => event === 'start')
  const ends = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly seconds?: number }).seconds)
    .filter((seconds) => seconds !== undefined)
  const steps = ends.slice(1).map((end, i) => end - ends[i]!)
  return { step: quick(steps.slice(FIRST)), parameters: start?.parameters ?? 0 }
}

/** Seconds of an all-reduce of so many values among processes that do nothing else. */
const exchange = async (size: number, values: number): Promise<number> => {
  if (size === 1) return 0
  const addresses: string[] = []
  const members = Array.from({ length: size }, (_, rank) => {
    const setup: MemberSetup = { rank, size, values, times: TIMES }
    return fork(join(__dirname, 'member.ts'), [JSON.stringify(setup)], { execArgv: ['--import', 'tsx'] })
  })
  const seconds = await Promise.all(
    members.map(
      (member, rank) =>
        new Promise<readonly number[]>((resolve, reject) => {
          member.on('message', (told: { readonly address?: string; readonly seconds?: readonly number[] }) => {
            if (told.address !== undefined) addresses[rank] = told.address
            if (told.seconds !== undefined) resolve(told.seconds)
            if (told.address !== undefined && Object.keys(addresses).length === size)
              for (const one of members) one.send(addresses)
          })
          member.once('exit', (code) => reject(new Error(`member ${rank} ended with ${String(code)}`)))
        }),
    ),
  )
  return quick(seconds[0]!.slice(2))
}

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-scaling-'))
  try {
    for (const processes of [1, 2, 3, 4]) {
      const alone = await run(folder, 1, BATCH / processes)
      const together = processes === 1 ? alone : await run(folder, processes, BATCH)
      const one: CaseOf = {
        ...{ processes, cores: availableParallelism(), share: alone.step },
        ...{ exchange: await exchange(processes, alone.parameters), step: together.step },
      }
      process.stdout.write(`${JSON.stringify({ ...one, model: predictedOf(one), parameters: alone.parameters })}\n`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

void main()
