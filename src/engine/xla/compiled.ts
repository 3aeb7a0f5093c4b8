/**
 * A program's step as one program for XLA, or as a few that differ in how many tokens' outputs they compute. The state stays on
 * the devices; each step takes its place. Several devices compute a step together: the batch is shared out among them, and the
 * compiler's partitioner (GSPMD, arXiv 2105.04663) sums what goes over all pictures, so that what is learnt is what one device
 * would learn.
 */
import { newQueue } from '../../base/inOrder'
import { elements } from '../../base/shape'
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import type { XlaBuffer } from '../../xla/buffer'
import { XlaError } from '../../xla/error'
import type { CompiledMemory, XlaExecutable } from '../../xla/executable'
import { launch } from '../../xla/execute'
import type { Sharding } from '../../xla/stablehlo/lowered'
import { type HostBatch, type Interpreter, type InterpreterState, noOthers, type Shares } from '../interpreter'
import { type Meeting, NO_MEETINGS, roundsOf } from '../record/meetings'
import { heldBy } from '../record/passes'
import { meetingsOf, rowCount } from '../record/step'
import { joined, type KeptShares, newKeptShares, overShares, type RoundOf, type Visit } from '../shares'
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

const readyPass = async (compiler: Compiler, { xla, ...others }: StepProgram): Promise<ReadyPass> => ({
  ...others,
  executable: await compiledProgram(compiler, xla, 'the step'),
})

/** The passes of a step, round by round. */
const roundsFor = (meetings: readonly Meeting[], microBatches: number): readonly RoundOf<WantedPass>[] => {
  if (microBatches === 1) return [{ each: undefined, last: ONLY }]
  const count = roundsOf(meetings)
  return Array.from({ length: count }, (_, i) => {
    const [round, closing] = [i + 1, i === count - 1]
    return {
      each: { round, last: false, closing, ends: false },
      last: { round, last: true, closing, ends: closing },
    }
  })
}

export interface CompileOptions {
  /** How many devices compute a step together; one by default. */
  readonly devices?: number
  /** From how many tokens on only the outputs are computed that are used. */
  readonly worth?: number
}

/** An interpreter of a program from a first state on, on the first devices. */
export const compiled = async (
  compiler: Compiler,
  program: Program,
  first: InterpreterState,
  { devices: count = 1, worth }: CompileOptions = {},
): Promise<Interpreter> => {
  const { client } = compiler
  const devices = client.devices.slice(0, count)
  const shapes = namedBatch(program.batch)
  const names = Object.keys(program.state)
  const [sequences] = program.batch.global
  const { grid } = program.batch
  const tokens = sequences * (1 + grid.height * grid.width)
  const usual = rowCount(program)

  const { microBatches } = program.division
  const meetings = microBatches === 1 ? NO_MEETINGS : meetingsOf(program)
  const held = heldBy(program.division, meetings.meetings)
  const variables = [...names, ...Object.keys(held)]
  const rounds = roundsFor(meetings.meetings, microBatches)

  const known = new Map<string, Promise<ReadyPass>>()
  const passFor = (pass: WantedPass, rows: number | 'all'): Promise<ReadyPass> => {
    const key = `${pass.round} ${pass.last} ${rows}`
    const made = known.get(key) ?? readyPass(compiler, stepProgram(program, rows, count, { meetings, pass }))
    known.set(key, made)
    return made
  }
  /** Rows of a batch that are computed. To gather them from several devices would take longer than to compute all. */
  const rowsOf = ({ mask }: HostBatch): Int32Array | undefined => {
    if (usual === undefined) return undefined
    const used = program.rows(mask)!
    if (usual !== 'varies') return used
    const rounded = count > 1 ? 'all' : roundedRows(used.length, tokens, worth)
    return rounded === 'all' ? undefined : filledUp(used, rounded)
  }
  // What doesn't vary is compiled at once: what can't be is told before anything else is done.
  if (usual !== 'varies' || count > 1 || roundedRows(0, tokens, worth) === 'all')
    for (const { each, last } of rounds)
      for (const pass of each === undefined ? [last] : [each, last])
        await passFor(pass, typeof usual === 'number' ? usual : 'all')

  const turn = newQueue()
  const put = (array: HostArray, sharding?: Sharding): Promise<OnDevices> => upload(client, devices, array, sharding)
  const state: Record<string, OnDevices> = {}
  for (const name of names) {
    const values = first[name]
    if (values === undefined) throw new RangeError(`the state has no ${name}`)
    state[name] = await put({ values, shape: program.state[name]!.shape })
  }
  for (const [name, { shape, first }] of Object.entries(held))
    state[name] = await put({ values: new Float32Array(elements(shape)).fill(first), shape })
  let features: Float32Array = new Float32Array()

  const inputsOf = (batch: HostBatch, vector: Float32Array, rows: Int32Array | undefined): Promise<readonly OnDevices[]> => {
    const given = namedBatch(batch)
    return Promise.all([
      ...Object.keys(shapes).map((name) => put({ values: given[name]!, shape: shapes[name]! }, shardingOf(shapes[name]!, count))),
      put({ values: vector, shape: [vector.length] }),
      ...(rows === undefined ? [] : [put({ values: rows, shape: [rows.length] })]),
    ])
  }
  const onDevice = (arrays: readonly OnDevices[]): readonly (readonly XlaBuffer[])[] =>
    devices.map((_, device) => arrays.map((array) => array[device]!))

  /** Runs a pass; gives what it reports, if it is to, and its features, in this order. */
  const run = async (
    pass: WantedPass,
    batch: HostBatch,
    given: Readonly<Record<string, number>>,
    { share }: Visit,
    kept: KeptShares<OnDevices>,
  ): Promise<{ readonly names: readonly string[]; readonly results: readonly Float32Array[] }> => {
    const rows = rowsOf(batch)
    const { executable, numbers, metrics, assigned, takes, gives, done } = await passFor(pass, rows?.length ?? 'all')
    try {
      const vector = Float32Array.from(numbers, (name) => given[name]!)
      const inputs = await inputsOf(batch, vector, rows)
      try {
        const taken = takes.map((index) => kept.get(share, index))
        const made = await launch(executable, onDevice([...variables.map((name) => state[name]!), ...inputs, ...taken]), {
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
        const results = await Promise.all(reported.map(floatsOf))
        dispose(reported.flat())
        return { names: metrics, results }
      } finally {
        dispose(inputs.flat())
      }
    } catch (error) {
      throw explained(error, executable)
    }
  }
  const stepOver = async (batch: HostBatch, numbers: Readonly<Record<string, number>>, others: Shares) => {
    const seen: Float32Array[] = []
    let report: Readonly<Record<string, number>> = {}
    const kept = newKeptShares<OnDevices>(dispose)
    try {
      await overShares(microBatches, rounds, batch, others, async (pass, share, visit) => {
        const { names, results } = await run(pass, share, numbers, visit, kept)
        if (pass.closing) seen.push(results.at(-1)!)
        if (pass.ends) report = Object.fromEntries(names.map((name, i) => [name, results[0]![i]!]))
      })
    } finally {
      kept.end()
    }
    features = joined(seen)
    return report
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
