/** Values of a graph, computed by XLA on one device. */
import { type Compiler, compiledProgram } from '../../src/engine/xla/programs'
import { DTYPE, type Dtype } from '../../src/graph/dtype'
import type { Graph } from '../../src/graph/graph'
import { needed, type Operation, type Values } from '../../src/graph/operation'
import { fromHost, toHost, type XlaBuffer } from '../../src/xla/buffer'
import type { ValuesOf, XlaDtype } from '../../src/xla/dtype'
import { launch } from '../../src/xla/execute'
import type { Compute } from './together'

/** Constants of more numbers are given to the program, lest weights and pictures be part of its text. */
const LARGE = 64

const TYPES: ReadonlyMap<Dtype, XlaDtype> = new Map<Dtype, XlaDtype>([
  [DTYPE.float32, 'float32'],
  [DTYPE.int32, 'int32'],
  [DTYPE.uint8, 'uint8'],
  [DTYPE.bool, 'bool'],
])

/** The tensor of a large constant; undefined for all other operations. */
const largeConstant = ({ attributes: { value } }: Operation) =>
  value !== undefined && 'tensor' in value && value.tensor.values.length > LARGE ? value.tensor : undefined

export const byXla =
  (compiler: Compiler, graph: Graph): Compute =>
  async (values) => {
    const { client } = compiler
    const wanted = new Set(values.map(({ of }) => of))
    const given = needed(graph.operations, (one) => wanted.has(one)).flatMap((of) => {
      const tensor = largeConstant(of)
      return tensor === undefined ? [] : [{ of, tensor }]
    })
    const executable = await compiledProgram(
      compiler,
      { operations: graph.operations, parameters: given, results: values.map((of) => ({ of })) },
      'a fixture',
    )
    const dispose = (buffers: readonly XlaBuffer[]): void => {
      for (const buffer of buffers) buffer.dispose()
    }
    const inputs = await Promise.all(
      given.map(({ tensor: { dtype, shape, values } }) =>
        fromHost(client, values as ValuesOf, TYPES.get(dtype)!, shape, client.devices[0]!),
      ),
    )
    const [results] = await launch(executable, [inputs])
    const computed = await Promise.all(results!.map(async (result) => (await toHost(result)) as Values))
    dispose([...inputs, ...results!])
    executable.dispose()
    return computed
  }
