/**
 * A program's step as one program for XLA, or as a few that differ in how many tokens' outputs they compute. The state stays on
 * the devices; each step takes its place. Several devices compute a step together: the batch is shared out among them, and the
 * compiler's partitioner (GSPMD, arXiv 2105.04663) sums what goes over all pictures, so that what is learnt is what one device
 * would learn.
 */
import { newQueue } from '../../base/inOrder'
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { mapped } from '../../program/stateNames'
import type { XlaBuffer } from '../../xla/buffer'
import { XlaError } from '../../xla/error'
import type { CompiledMemory, XlaExecutable } from '../../xla/executable'
import { launch } from '../../xla/execute'
import type { Sharding } from '../../xla/stablehlo/lowered'
import type { HostBatch, Interpreter, InterpreterState } from '../interpreter'
import { rowCount } from '../record/step'
import { dispose, floatsOf, type HostArray, type OnDevices, upload } from './arrays'
import { computerOn } from './computer'
import { type Compiler, compiledProgram } from './programs'
import { filledUp, roundedRows } from './rows'
import { type StepProgram, shardingOf, stepProgram } from './stepProgram'

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

/** A step ready to run. */
type ReadyStep = Pick<StepProgram, 'step' | 'assigned'> & { readonly executable: XlaExecutable }

const readyStep = async (compiler: Compiler, program: Program, count: number | 'all', devices: number): Promise<ReadyStep> => {
  const { xla, ...others } = stepProgram(program, count, devices)
  return { ...others, executable: await compiledProgram(compiler, xla, 'the step') }
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

  const known = new Map<number | 'all', Promise<ReadyStep>>()
  const stepFor = (rows: number | 'all'): Promise<ReadyStep> => {
    const made = known.get(rows) ?? readyStep(compiler, program, rows, count)
    known.set(rows, made)
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
    await stepFor(typeof usual === 'number' ? usual : 'all')

  const turn = newQueue()
  const put = (array: HostArray, sharding?: Sharding): Promise<OnDevices> => upload(client, devices, array, sharding)
  const state: Record<string, OnDevices> = {}
  for (const name of names) {
    const values = first[name]
    if (values === undefined) throw new RangeError(`the state has no ${name}`)
    state[name] = await put({ values, shape: program.state[name]!.shape })
  }
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

  const run = async (batch: HostBatch, numbers: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>>> => {
    const rows = rowsOf(batch)
    const { executable, step, assigned } = await stepFor(rows?.length ?? 'all')
    try {
      const vector = Float32Array.from(step.numbers, (name) => numbers[name]!)
      const inputs = await inputsOf(batch, vector, rows)
      try {
        const made = await launch(executable, onDevice([...names.map((name) => state[name]!), ...inputs]), { donated: assigned })
        const result = (at: number): OnDevices => made.map((of) => of[at]!)
        assigned.forEach((place, i) => {
          state[names[place]!] = result(i)
        })
        const reported = [result(assigned.length), result(assigned.length + 1)] as const
        const [metrics, seen] = await Promise.all(reported.map(floatsOf))
        dispose(reported.flat())
        features = seen!
        return Object.fromEntries(Object.keys(step.metrics).map((name, i) => [name, metrics![i]!]))
      } finally {
        dispose(inputs.flat())
      }
    } catch (error) {
      throw explained(error, executable)
    }
  }

  const standing = {
    shapes: mapped(program.state, ({ shape }) => shape),
    // A step takes the place of the state: what reads it waits for its turn.
    using: <A>(use: (buffers: Readonly<Record<string, OnDevices>>) => Promise<A>): Promise<A> => turn(() => use({ ...state })),
  }
  return {
    ...computerOn(compiler, standing, program.precision),
    concurrent: true,
    step: (batch, numbers) => turn(() => run(batch, numbers)),
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
