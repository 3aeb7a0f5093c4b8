/**
 * A program's step as one program for XLA, or as a few that differ in how many tokens' outputs they compute. The state stays on
 * the devices; each step takes its place. Several devices compute a step together: the batch is shared out among them, and the
 * compiler's partitioner (GSPMD, arXiv 2105.04663) sums what goes over all pictures, so that what is learnt is what one device
 * would learn. Several processes run one program on a share of the batch each, as replicas, and their devices exchange what the
 * program says; there each device of a process takes a micro-batch of its own, as XLA (0.81 to 0.115) can't partition replicas.
 */
import { concatenated } from '../../base/floats'
import { newQueue } from '../../base/inOrder'
import { elements } from '../../base/shape'
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import type { XlaBuffer } from '../../xla/buffer'
import type { XlaDevice } from '../../xla/client'
import { XlaError } from '../../xla/error'
import type { CompiledMemory, XlaExecutable } from '../../xla/executable'
import { launch } from '../../xla/execute'
import type { Collective } from '../collective'
import { type HostBatch, type Interpreter, type InterpreterState, noOthers, type Shares } from '../interpreter'
import { type Meeting, NO_MEETINGS, roundsOf } from '../record/meetings'
import { heldBy } from '../record/passes'
import { meetingsOf, rowCount } from '../record/step'
import { type KeptShares, newKeptShares, overShares, type RoundOf, roundsOver, type Visit } from '../shares'
import { dispose, floatsOf, type HostArray, type OnDevices, upload } from './arrays'
import { computerOn } from './computer'
import { type Compiler, compiledProgram } from './programs'
import { filledUp, roundedRows } from './rows'
import { ONLY, type StepProgram, shardingOf, stepProgram, type WantedPass } from './stepProgram'

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`

/** Where memory goes on each device, in words. */
const memoryText = ({ arguments: held, temporary, code }: CompiledMemory): string =>
  `on each device a step takes ${mebibytes(held)} for the state and the batch, ${mebibytes(temporary)} to compute with and ${mebibytes(code)} of code`

/** Says of memory that isn't enough what takes it. */
const explained = (error: unknown, executable: XlaExecutable): unknown => {
  if (!(error instanceof XlaError) || error.code !== 'resource exhausted') return error
  const memory = executable.memory()
  return memory === undefined ? error : new XlaError(error.code, `${error.message}; ${memoryText(memory)}\n${error.details}`)
}

/** A pass of a step ready to run. */
type ReadyPass = Pick<StepProgram, 'numbers' | 'metrics' | 'assigned' | 'takes' | 'gives' | 'done'> & {
  readonly executable: XlaExecutable
}

const readyPass = async (compiler: Compiler, { xla, ...others }: StepProgram, meets: boolean): Promise<ReadyPass> => ({
  ...others,
  executable: await compiledProgram(compiler, xla, 'the step', meets),
})

/** The passes of a step, round by round. */
const roundsFor = (meetings: readonly Meeting[], microBatches: number): readonly RoundOf<WantedPass>[] => {
  if (microBatches === 1) return [{ each: undefined, last: ONLY }]
  const count = roundsOf(meetings)
  return roundsOver(count, microBatches, (round, last) => {
    const closing = round === count
    return { round, last, closing, ends: closing && last }
  })
}

/** Gives a share of a batch when it is asked for. */
type Share = () => Promise<HostBatch>

export interface CompileOptions {
  /** How many devices compute a step together, of each process; one by default. */
  readonly devices?: number
  /** From how many tokens on only the outputs are computed that are used. */
  readonly worth?: number
  /** By what processes agree on how many tokens' outputs they compute; without it they compute all. */
  readonly collective?: Collective | undefined
  /** Begins a computation; gives the results of this process's devices. */
  readonly launch?: typeof launch
}

/** The largest of all processes' numbers. */
const mostOf = async ({ allReduce }: Collective, number: number): Promise<number> => {
  const values = Float32Array.of(number)
  await allReduce(values, 'max')
  return values[0]!
}

/** An interpreter of a program from a first state on, on the first devices. */
export const compiled = async (
  compiler: Compiler,
  whole: Program,
  first: InterpreterState,
  { devices: count = 1, worth, collective, launch: begin = launch }: CompileOptions = {},
): Promise<Interpreter> => {
  const { client } = compiler
  const { processes, pictures } = whole.division
  if (processes > 1 && client.processes.length !== processes)
    throw new RangeError(`${processes} processes share out the batch, and XLA's devices are those of ${client.processes.length}`)
  const devices = client.devices.slice(0, count)
  // A share is computed by all devices of the only process, or by one of a process among several.
  const lanes = processes === 1 ? [devices] : devices.map((device) => [device])
  const { length: abreast } = lanes
  const partitions = count / abreast
  if (whole.division.microBatches % abreast !== 0)
    throw new RangeError(`${abreast} devices can't share out ${whole.division.microBatches} micro-batches`)
  const division = { processes: processes * abreast, microBatches: whole.division.microBatches / abreast, pictures }
  const program: Program = { ...whole, division }
  const shapes = namedBatch(program.batch)
  const names = Object.keys(program.state)
  const [sequences] = program.batch.global
  const { grid } = program.batch
  const tokens = sequences * (1 + grid.height * grid.width)
  const usual = rowCount(program)

  const { microBatches } = division
  const meetings = microBatches === 1 ? NO_MEETINGS : meetingsOf(program)
  const held = heldBy(division, meetings.meetings)
  const variables = [...names, ...Object.keys(held)]
  const rounds = roundsFor(meetings.meetings, microBatches)

  const known = new Map<string, Promise<ReadyPass>>()
  const passFor = (pass: WantedPass, rows: number | 'all'): Promise<ReadyPass> => {
    const key = `${pass.round} ${pass.last} ${rows}`
    // Before the last shares of a process nobody is met.
    const meets = processes > 1 && pass.last
    const replicas = meets ? processes * abreast : abreast
    const made =
      known.get(key) ?? readyPass(compiler, stepProgram(program, rows, partitions, { meetings, pass, replicas }), meets)
    known.set(key, made)
    return made
  }
  // To gather some rows from several devices would take longer than to compute all.
  const isWhole = partitions > 1 || roundedRows(0, tokens, worth) === 'all' || (processes > 1 && collective === undefined)
  /** Of how many rows a program computes the outputs of shares that use these: where processes meet, as many in each of them. */
  const rowsFor = async ({ last }: WantedPass, used: readonly Int32Array[]): Promise<number | 'all'> => {
    if (usual !== 'varies') return usual ?? 'all'
    if (isWhole) return 'all'
    const most = Math.max(...used.map(({ length }) => length))
    return roundedRows(last && processes > 1 ? await mostOf(collective!, most) : most, tokens, worth)
  }
  // What doesn't vary is compiled at once: what can't be is told before anything else is done.
  if (usual !== 'varies' || isWhole)
    for (const { each, last } of rounds)
      for (const pass of each === undefined ? [last] : [each, last])
        await passFor(pass, typeof usual === 'number' ? usual : 'all')

  const turn = newQueue()
  const put = (array: HostArray): Promise<OnDevices> => upload(client, devices, array)
  const state: Record<string, OnDevices> = {}
  for (const name of names) {
    const values = first[name]
    if (values === undefined) throw new RangeError(`the state has no ${name}`)
    state[name] = await put({ values, shape: program.state[name]!.shape })
  }
  for (const [name, { shape, first }] of Object.entries(held))
    state[name] = await put({ values: new Float32Array(elements(shape)).fill(first), shape })
  let features: Float32Array = new Float32Array()

  /** The arrays of a batch on the devices of a lane. */
  const batchOn = (lane: readonly XlaDevice[], batch: HostBatch): Promise<readonly OnDevices[]> => {
    const given = namedBatch(batch)
    const one = (name: string, shape: readonly number[]): Promise<OnDevices> =>
      upload(client, lane, { values: given[name]!, shape }, shardingOf(shape, partitions))
    return Promise.all(Object.entries(shapes).map(([name, shape]) => one(name, shape)))
  }
  /** Shares on their devices, and the rows that each of them uses. What a share holds may be overwritten when the next one is asked for. */
  const sharesOn = async (shares: readonly Share[]) => {
    const inputs: (readonly OnDevices[])[] = []
    const used: Int32Array[] = []
    for (const [i, share] of shares.entries()) {
      const batch = await share()
      if (usual !== undefined) used.push(program.rows(batch.mask)!)
      inputs.push(await batchOn(lanes[i]!, batch))
    }
    return { inputs, used }
  }
  const rowsOn = (used: readonly Int32Array[], rows: number): Promise<OnDevices> =>
    Promise.all(lanes.map((lane, i) => upload(client, lane, { values: filledUp(used[i]!, rows), shape: [rows] }))).then(
      (arrays) => arrays.flat(),
    )
  const onDevice = (arrays: readonly OnDevices[]): readonly (readonly XlaBuffer[])[] =>
    devices.map((_, device) => arrays.map((array) => array[device]!))
  /** Arrays of lanes as arrays of all devices. */
  const together = (inputs: readonly (readonly OnDevices[])[]): readonly OnDevices[] =>
    inputs[0]!.map((_, i) => inputs.flatMap((lane) => lane[i]!))

  /** Runs a pass; gives what it reports, if it is to, and the features of its shares. */
  const run = async (
    pass: WantedPass,
    shares: readonly Share[],
    given: Readonly<Record<string, number>>,
    { share }: Visit,
    kept: KeptShares<OnDevices>,
  ): Promise<{ readonly report: Readonly<Record<string, number>>; readonly features: readonly Float32Array[] }> => {
    const { inputs: batches, used } = await sharesOn(shares)
    const inputs: OnDevices[] = [...together(batches)]
    try {
      const rows = await rowsFor(pass, used)
      const { executable, numbers, metrics, assigned, takes, gives, done } = await passFor(pass, rows)
      try {
        const vector = Float32Array.from(numbers, (name) => given[name]!)
        inputs.push(await put({ values: vector, shape: [vector.length] }))
        if (rows !== 'all') inputs.push(await rowsOn(used, rows))
        const taken = takes.map((index) => kept.get(share, index))
        const made = await begin(executable, onDevice([...variables.map((name) => state[name]!), ...inputs, ...taken]), {
          donated: assigned,
        })
        const result = (at: number): OnDevices => made.map((of) => of[at]!)
        assigned.forEach((place, i) => {
          state[variables[place]!] = result(i)
        })
        kept.free(share, done)
        for (const [i, index] of gives.entries()) kept.put(share, index, result(assigned.length + i))
        const before = assigned.length + gives.length
        const reported = Array.from({ length: made[0]!.length - before }, (_, i) => result(before + i))
        try {
          const values = pass.ends ? await floatsOf(reported[0]!) : undefined
          // A lane has the features of its share on each of its devices.
          const seen = pass.closing ? lanes.map((_, i) => reported.at(-1)!.slice(i * partitions)) : []
          return {
            report: values === undefined ? {} : Object.fromEntries(metrics.map((name, i) => [name, values[i]!])),
            features: await Promise.all(seen.map(floatsOf)),
          }
        } finally {
          dispose(reported.flat())
        }
      } catch (error) {
        throw explained(error, executable)
      }
    } finally {
      dispose(inputs.flat())
    }
  }
  const stepOver = async (batch: HostBatch, numbers: Readonly<Record<string, number>>, others: Shares) => {
    const seen: Float32Array[] = []
    let last: Readonly<Record<string, number>> = {}
    const abreastFrom = (from: number): readonly Share[] =>
      lanes.map((_, i) => (from + i === 0 ? async () => batch : () => others(from + i)))
    const groups = async (index: number): Promise<readonly Share[]> => abreastFrom(index * abreast)
    const kept = newKeptShares<OnDevices>(dispose)
    try {
      await overShares(microBatches, rounds, abreastFrom(0), groups, async (pass, shares, visit) => {
        const { report, features } = await run(pass, shares, numbers, visit, kept)
        seen.push(...features)
        if (pass.ends) last = report
      })
    } finally {
      kept.end()
    }
    features = concatenated(seen)
    return last
  }

  const standing = {
    shapes: mapped(program.state, ({ shape }) => shape),
    // A step takes the place of the state: what reads it waits for its turn.
    using: <A>(use: (buffers: Readonly<Record<string, OnDevices>>) => Promise<A>): Promise<A> => turn(() => use({ ...state })),
  }
  return {
    ...computerOn(compiler, standing, program.precision),
    concurrent: true,
    rounds: rounds.length,
    step: (batch, numbers, others = noOthers) => turn(() => stepOver(batch, numbers, others)),
    features: () => features,
    read: () =>
      turn(async () => {
        const values = await Promise.all(names.map((name) => floatsOf(state[name]!)))
        return Object.fromEntries(names.map((name, i) => [name, values[i]!]))
      }),
    dispose: () => {
      dispose(Object.values(state).flat())
      for (const one of known.values()) void one.then(({ executable }) => executable.dispose()).catch(() => undefined)
    },
  }
}
