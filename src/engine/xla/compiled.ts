/**
 * A program's step as one program for XLA. Its state stays on the devices; each step takes its place. Several devices compute a
 * step together: the batch is shared out among them, and the compiler's partitioner (GSPMD, arXiv 2105.04663) sums what goes
 * over all pictures, so that what is learnt is what one device would learn.
 */
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import type { XlaBuffer } from '../../xla/buffer'
import { XlaError } from '../../xla/error'
import type { CompiledMemory, XlaExecutable } from '../../xla/executable'
import { launch } from '../../xla/execute'
import type { Sharding } from '../../xla/stablehlo/lowered'
import type { Interpreter, InterpreterState } from '../interpreter'
import { dispose, floatsOf, type HostArray, type OnDevices, upload } from './arrays'
import { computerOn } from './computer'
import { type Compiler, compiledProgram } from './programs'
import { shardingOf, stepProgram } from './stepProgram'

/** Does things one after the other. */
const inTurn = (): (<A>(work: () => Promise<A>) => Promise<A>) => {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`

/** Where memory goes on each device, in words. */
const memoryText = ({ arguments: held, temporary, code }: CompiledMemory): string =>
  `on each device a step takes ${megabytes(held)} for the state and the batch, ${megabytes(temporary)} to compute with and ${megabytes(code)} of code`

/** Says of memory that isn't enough what takes it. */
const explained = (error: unknown, executable: XlaExecutable | undefined): unknown => {
  if (!(error instanceof XlaError) || error.code !== 'resource exhausted') return error
  const memory = executable?.memory()
  return memory === undefined ? error : new XlaError(error.code, `${error.message}; ${memoryText(memory)}\n${error.details}`)
}

/** An interpreter of a program from a first state on, on the first so many devices. */
export const compiled = async (
  compiler: Compiler,
  program: Program,
  first: InterpreterState,
  count: number,
): Promise<Interpreter> => {
  const { client } = compiler
  const devices = client.devices.slice(0, count)
  const { step, xla, stateNames, assigned } = stepProgram(program, count)
  const names = Object.keys(step.metrics)
  const batch = namedBatch(step.inputs.batch)
  const shapes = namedBatch(program.batch)
  const executable = await compiledProgram(compiler, xla, 'the step')
  const turn = inTurn()
  const put = (array: HostArray, sharding?: Sharding): Promise<OnDevices> => upload(client, devices, array, sharding)
  const state: Record<string, OnDevices> = {}
  for (const name of stateNames) {
    const values = first[name]
    if (values === undefined) throw new RangeError(`the state has no ${name}`)
    state[name] = await put({ values, shape: program.state[name]!.shape })
  }
  let features: Float32Array = new Float32Array()

  const inputsOf = (values: Parameters<Interpreter['step']>[0], numbers: Readonly<Record<string, number>>) => {
    const given = namedBatch(values)
    const rows = step.inputs.rows && program.rows(values.mask)
    const vector = Float32Array.from(step.numbers, (name) => numbers[name]!)
    return Promise.all([
      ...Object.keys(batch).map((name) => put({ values: given[name]!, shape: shapes[name]! }, shardingOf(shapes[name]!, count))),
      put({ values: vector, shape: [vector.length] }),
      ...(rows === undefined ? [] : [put({ values: rows, shape: [rows.length] })]),
    ])
  }
  const onDevice = (arrays: readonly OnDevices[]): readonly (readonly XlaBuffer[])[] =>
    devices.map((_, device) => arrays.map((array) => array[device]!))

  const standing = {
    shapes: Object.fromEntries(stateNames.map((name) => [name, program.state[name]!.shape])),
    // A step takes the place of the state: what reads it waits for its turn.
    using: <A>(use: (buffers: Readonly<Record<string, OnDevices>>) => Promise<A>): Promise<A> => turn(() => use({ ...state })),
  }
  return {
    ...computerOn(compiler, standing, program.precision),
    concurrent: true,
    step: (values, numbers) =>
      turn(async () => {
        try {
          const inputs = await inputsOf(values, numbers)
          try {
            const made = await launch(executable, onDevice([...stateNames.map((name) => state[name]!), ...inputs]), {
              donated: assigned,
            })
            const result = (at: number): OnDevices => made.map((of) => of[at]!)
            assigned.forEach((place, i) => {
              state[stateNames[place]!] = result(i)
            })
            const reported = [result(assigned.length), result(assigned.length + 1)] as const
            const [numbersNow, seen] = await Promise.all(reported.map(floatsOf))
            dispose(reported.flat())
            features = seen!
            return Object.fromEntries(names.map((name, i) => [name, numbersNow![i]!]))
          } finally {
            dispose(inputs.flat())
          }
        } catch (error) {
          throw explained(error, executable)
        }
      }),
    features: () => features,
    read: () =>
      turn(async () => {
        const values = await Promise.all(stateNames.map((name) => floatsOf(state[name]!)))
        return Object.fromEntries(stateNames.map((name, i) => [name, values[i]!]))
      }),
    dispose: () => {
      dispose(Object.values(state).flat())
      executable.dispose()
    },
  }
}
