/**
 * `npm run scaling`: small runs in several processes on this machine, beside what the model makes of their parts: the step of a
 * share in one process alone, and the exchange alone.
 */
import { fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type CaseOf, predictedOf } from './cases'
import type { MemberSetup } from './member'

/** Which 1, 2, 3 and 4 divide. */
const BATCH = 12
const STEPS = 48
/** Steps that don't count: kernels are made in them. */
const FIRST = 8
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

/** Where /proc/PID/stat has the time in user mode, behind the name, and how many of its units are a second. */
const [USER, TICKS] = [11, 100]

const IBOT = join(__dirname, '..', '..', 'bin', 'ibot.js')

/** What the events of a run tell. */
interface Told {
  readonly event: string
  readonly parameters?: number
  readonly step?: number
}

/** The quickest quarter begins there: whatever else the machine does, makes others slower. */
const quick = (seconds: readonly number[]): number => seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 4)]!

/** Processor seconds of the processes that one has started, all of its threads (Linux: proc(5)). */
const processorOf = (parent: number): number => {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')
  return children.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return sum + (Number(fields[USER]) + Number(fields[USER + 1])) / TICKS
  }, 0)
}

interface Steps {
  /** Seconds of a step, by the clock, and of a processor in each process. */
  readonly clock: number
  readonly processor: number
  /** How many weights are trained. */
  readonly parameters: number
}

/** A run in so many processes, each with one thread. */
const run = async (folder: string, processes: number, batch: number): Promise<Steps> => {
  const name = `${processes}-${batch}`
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, pipeline(batch))
  const out = join(folder, name)
  const child = spawn(
    process.execPath,
    [IBOT, 'launch', '-n', String(processes), '--threads', '1', '--json', '--backend', 'tensorflow', file, '--out', out],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let parameters = 0
  const seen: { readonly at: number; readonly processor: number }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return
    const told = JSON.parse(line) as Told
    parameters = told.parameters ?? parameters
    if (told.event === 'step' && told.step! >= FIRST)
      seen.push({ at: performance.now() / 1000, processor: processorOf(child.pid!) })
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`the run in ${processes} processes ended with ${String(code)}`)
  const [first, last] = [seen[0]!, seen.at(-1)!]
  return {
    clock: quick(seen.slice(1).map(({ at }, i) => at - seen[i]!.at)),
    processor: (last.processor - first.processor) / (seen.length - 1) / processes,
    parameters,
  }
}

/** What a member tells. */
interface Exchanged {
  readonly seconds: readonly number[]
  readonly processor: number
}

/** An all-reduce of so many values among processes that do nothing else. */
const exchange = async (size: number, values: number): Promise<Omit<Steps, 'parameters'>> => {
  if (size === 1) return { clock: 0, processor: 0 }
  const addresses: string[] = []
  const members = Array.from({ length: size }, (_, rank) => {
    const setup: MemberSetup = { rank, size, values, times: TIMES }
    return fork(join(__dirname, 'member.ts'), [JSON.stringify(setup)], { execArgv: ['--import', 'tsx'] })
  })
  const all = await Promise.all(
    members.map(
      (member, rank) =>
        new Promise<Exchanged>((resolve, reject) => {
          member.on('message', (told: Partial<Exchanged> & { readonly address?: string }) => {
            if (told.address !== undefined) addresses[rank] = told.address
            if (told.seconds !== undefined && told.processor !== undefined)
              resolve({ seconds: told.seconds, processor: told.processor })
            if (told.address !== undefined && Object.keys(addresses).length === size)
              for (const one of members) one.send(addresses)
          })
          member.once('exit', (code) => reject(new Error(`member ${rank} ended with ${String(code)}`)))
        }),
    ),
  )
  return {
    clock: quick(all[0]!.seconds),
    processor: all.reduce((sum, { processor }) => sum + processor, 0) / size,
  }
}

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-scaling-'))
  try {
    for (const processes of [1, 2, 3, 4]) {
      const alone = await run(folder, 1, BATCH / processes)
      const together = processes === 1 ? alone : await run(folder, processes, BATCH)
      const apart = await exchange(processes, alone.parameters)
      const one: CaseOf = {
        ...{ processes, cores: availableParallelism() },
        clock: { share: alone.clock, exchange: apart.clock, step: together.clock },
        processor: { share: alone.processor, exchange: apart.processor, step: together.processor },
      }
      process.stdout.write(`${JSON.stringify({ ...one, model: predictedOf(one, one.clock), parameters: alone.parameters })}\n`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

void main()
