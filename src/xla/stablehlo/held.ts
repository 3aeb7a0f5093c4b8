/** Operations that hold values, functions, and what processes have. */
import { integer, text } from '../../graph/attributes'
import { DTYPE } from '../../graph/dtype'
import type { OperationType } from '../../graph/types'
import { binary, combining, convert, from, like, list } from './instructions'
import { type Lowering, refused } from './lowering'

/** Its numbers; many truth values are written as bytes. */
const constant: Lowering = ({ block }, { attributes: { value }, outputs: [info] }) => {
  if (value === undefined || !('tensor' in value)) throw new RangeError('a constant has a tensor')
  const { dtype, shape } = info!
  const { values } = value.tensor
  const isLong = dtype === DTYPE.bool && values.length >= 16
  return [isLong ? convert(block, block.constant(DTYPE.uint8, shape, values), dtype) : block.constant(dtype, shape, values)]
}

const call: Lowering = ({ block, of, functionOf }, { body, inputs, outputs }) => {
  if (body === undefined) throw new RangeError('a call has a body')
  const given = inputs.map(of)
  return block.addMany(
    `func.call @${functionOf(body)}(${given.map(({ name }) => name).join(', ')})`,
    outputs,
    (types) => `(${given.map(({ type }) => type).join(', ')}) -> (${types.join(', ')})`,
  )
}

/**
 * Of all replicas, which are the processes of a run: their mean as a sum of equal parts. The largest of numbers may pass over what
 * is none, as devices have it; a mean never does.
 */
const allReduce: Lowering = ({ block, of }, { inputs, attributes }) => {
  const x = of(inputs[0]!)
  const processes = integer(attributes, 'processes', 1)
  const isMean = text(attributes, 'reduction') === 'mean'
  const group = list(Array.from({ length: processes }, (_, i) => i))
  const reduced = block.add(
    `"stablehlo.all_reduce"(${x.name}) ${combining(isMean ? 'add' : 'maximum', x.dtype)} ` +
      `{replica_groups = dense<[${group}]> : tensor<1x${processes}xi64>}`,
    x,
    from(x),
  )
  return [isMean ? binary(block, 'divide', reduced, like(block, reduced, processes)) : reduced]
}

export const HELD = {
  AllReduce: allReduce,
  Assign: refused("what a variable is after a run is one of the program's results"),
  Call: call,
  Const: constant,
  Placeholder: refused("it is none of the program's parameters"),
  Variable: refused("it is none of the program's parameters"),
} as const satisfies Partial<Record<OperationType, Lowering>>
