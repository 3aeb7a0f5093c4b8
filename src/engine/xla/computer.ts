/** Functions of tensors as programs for XLA: recorded and compiled once for each shape of their inputs. */
import { DTYPE } from '../../graph/dtype'
import { newGraph } from '../../graph/graph'
import { infoOf, needed, type Operation, output, type Value } from '../../graph/operation'
import { inSlices } from '../../metric/neighbours'
import type { HostTensors, TensorFunction } from '../../nn/tensorFunction'
import { mapped } from '../../program/stateNames'
import type { XlaBuffer } from '../../xla/buffer'
import type { XlaDevice } from '../../xla/client'
import type { XlaExecutable } from '../../xla/executable'
import { launch } from '../../xla/execute'
import { type Computer, type Prepared, type PrepareOptions, shapesKey } from '../computer'
import { recordFunction } from '../record/function'
import { dispose, floatsOf, type OnDevices, upload } from './arrays'
import { type Compiler, compiledProgram } from './programs'

type Shapes = Readonly<Record<string, readonly number[]>>

/** What functions may ask for besides what they are given, as it is when one runs: whole on the first device. */
export interface Standing {
  readonly shapes: Shapes
  /** Uses what is there; until it has ended, nothing of it goes. */
  readonly using: <A>(use: (buffers: Readonly<Record<string, OnDevices>>) => Promise<A>) => Promise<A>
}

export const NOTHING: Standing = { shapes: {}, using: (use) => use({}) }

/** A function for inputs of some shapes. */
interface Ready {
  readonly executable: XlaExecutable
  /** What it takes, in its order. */
  readonly takes: readonly string[]
  readonly gives: readonly { readonly name: string; readonly shape: readonly number[] }[]
}

const recordedFor = async (
  compiler: Compiler,
  f: TensorFunction,
  shapes: Shapes,
  precision: PrepareOptions['precision'],
): Promise<Ready> => {
  const { graph, inputs, outputs } = recordFunction(f, shapes, precision === undefined ? {} : { precision })
  const sources = new Set(Object.values(outputs).map(({ of }) => of))
  const used = new Set(needed(graph.operations, (one) => sources.has(one)))
  const takes = Object.keys(inputs).filter((name) => used.has(inputs[name]!.of))
  const executable = await compiledProgram(
    compiler,
    {
      operations: graph.operations,
      parameters: takes.map((name) => ({ of: inputs[name]!.of })),
      results: Object.values(outputs).map((of) => ({ of })),
    },
    'a function of tensors',
  )
  return { executable, takes, gives: Object.entries(outputs).map(([name, of]) => ({ name, shape: infoOf(of).shape })) }
}

const preparedOn = (
  compiler: Compiler,
  device: XlaDevice,
  standing: Standing,
  f: TensorFunction,
  held: HostTensors,
  { precision }: PrepareOptions,
): Prepared => {
  const { client } = compiler
  const putting = Promise.all(
    Object.entries(held).map(async ([name, array]) => [name, await upload(client, [device], array)] as const),
  ).then((entries): Readonly<Record<string, OnDevices>> => Object.fromEntries(entries))
  // Whoever waits for it is told.
  putting.catch(() => undefined)
  const known = new Map<string, Promise<Ready>>()
  const readyFor = (inputs: HostTensors): Promise<Ready> => {
    const key = shapesKey(inputs)
    const shapes = { ...standing.shapes, ...mapped(held, ({ shape }) => shape), ...mapped(inputs, ({ shape }) => shape) }
    const made = known.get(key) ?? recordedFor(compiler, f, shapes, precision)
    known.set(key, made)
    return made
  }
  const run = async (inputs: HostTensors, wanted?: readonly string[]): Promise<HostTensors> => {
    const { executable, takes, gives } = await readyFor(inputs)
    const kept = await putting
    const given = Object.fromEntries(
      await Promise.all(
        takes
          .filter((name) => inputs[name] !== undefined)
          .map(async (name) => [name, await upload(client, [device], inputs[name]!)] as const),
      ),
    )
    return standing.using(async (state) => {
      const all = { ...state, ...kept, ...given }
      try {
        const [results] = await launch(executable, [takes.map((name) => all[name]![0]!)])
        try {
          const chosen = gives.flatMap((one, i) => (wanted === undefined || wanted.includes(one.name) ? [{ ...one, i }] : []))
          return Object.fromEntries(
            await Promise.all(
              chosen.map(async ({ name, shape, i }) => [name, { values: await floatsOf([results![i]!]), shape }] as const),
            ),
          )
        } finally {
          dispose(results!)
        }
      } finally {
        dispose(Object.values(given).flat())
      }
    })
  }
  return {
    run,
    dispose: () => {
      void putting.then((kept) => dispose(Object.values(kept).flat())).catch(() => undefined)
      for (const one of known.values()) void one.then(({ executable }) => executable.dispose()).catch(() => undefined)
    },
  }
}

/** Rows of queries that are compared with a chunk of a bank together; the last ones are padded to as many. */
const QUERIES = 1024

/** The largest products of queries [rows, width] with a bank, and where they are. */
const nearestProgram = (compiler: Compiler, rows: number, bankRows: number, width: number, k: number) => {
  const graph = newGraph()
  const queries = graph.placeholder('queries', DTYPE.float32, [rows, width])
  const bank = graph.placeholder('bank', DTYPE.float32, [bankRows, width])
  const product = output(graph.add('MatMul', [queries, bank], { transpose_b: { bool: true } }))
  const top = graph.add('TopKV2', [product, graph.constant(DTYPE.int32, [], Int32Array.of(k))])
  const results: readonly Value[] = [output(top, 0), output(top, 1)]
  return compiledProgram(
    compiler,
    {
      operations: graph.operations,
      parameters: [queries, bank].map(({ of }): { readonly of: Operation } => ({ of })),
      results: results.map((of) => ({ of })),
    },
    'the search for neighbours',
  )
}

const neighboursOn =
  (compiler: Compiler, device: XlaDevice): Computer['neighbours'] =>
  (width) => {
    const { client } = compiler
    const programs = new Map<string, Promise<XlaExecutable>>()
    const programFor = (rows: number, bankRows: number, k: number): Promise<XlaExecutable> => {
      const key = `${rows} ${bankRows} ${k}`
      const made = programs.get(key) ?? nearestProgram(compiler, rows, bankRows, width, k)
      programs.set(key, made)
      return made
    }
    const uploaded = async (values: Float32Array, rows: number): Promise<XlaBuffer> =>
      (await upload(client, [device], { values, shape: [rows, width] }))[0]!
    /** Queries, and rows of zeros up to so many. */
    const padded = (queries: Float32Array, rows: number): Float32Array => {
      if (queries.length === rows * width) return queries
      const all = new Float32Array(rows * width)
      all.set(queries)
      return all
    }
    const some = async (queries: Float32Array, rows: number, bank: XlaBuffer, bankRows: number, k: number) => {
      const executable = await programFor(rows, bankRows, k)
      const given = await uploaded(padded(queries, rows), rows)
      try {
        const [results] = await launch(executable, [[given, bank]])
        try {
          const [similarities, places] = await Promise.all(results!.map((one) => floatsOf([one])))
          const indices = new Uint32Array(places!.buffer)
          return Array.from({ length: queries.length / width }, (_, i) => ({
            indices: indices.subarray(i * k, (i + 1) * k),
            similarities: similarities!.subarray(i * k, (i + 1) * k),
          }))
        } finally {
          dispose(results!)
        }
      } finally {
        given.dispose()
      }
    }
    return {
      nearest: async (bank, queries, k) => {
        const [bankRows, count] = [bank.length / width, queries.length / width]
        const rows = Math.min(QUERIES, count)
        const size = Math.min(k, bankRows)
        const held = await uploaded(bank, bankRows)
        try {
          return await inSlices(queries, width, rows, (one) => some(one, rows, held, bankRows, size))
        } finally {
          held.dispose()
        }
      },
      dispose: () => {
        for (const one of programs.values()) void one.then((executable) => executable.dispose()).catch(() => undefined)
      },
    }
  }

/** Functions on one device. */
export const computerOn = (
  compiler: Compiler,
  standing: Standing = NOTHING,
  precision?: PrepareOptions['precision'],
): Computer => {
  const device = compiler.client.devices[0]!
  return {
    prepare: (f, held = {}, options = {}) => {
      const own = options.alone === true ? NOTHING : standing
      const asked = options.precision ?? (options.alone === true ? undefined : precision)
      return preparedOn(compiler, device, own, f, held, asked === undefined ? {} : { precision: asked })
    },
    neighbours: neighboursOn(compiler, device),
  }
}
