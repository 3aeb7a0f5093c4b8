/** A network's operations without those that change nothing: what remains of two reshapes is one. */
import type { Dim, Info, Node, OperationNode, Portable, Ref } from './portable'
import { infoOf } from './portable'

const sameDim = (a: Dim, b: Dim): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : a.perImage === b.perImage

const sameShape = (a: Info, b: Info): boolean =>
  a.shape.length === b.shape.length && a.shape.every((dim, i) => sameDim(dim, b.shape[i]!))

/** Operations that give the same values in the same order, in another shape. */
const RESHAPES = new Set(['Reshape', 'ExpandDims', 'Squeeze'])

const isReshape = (node: OperationNode): boolean => RESHAPES.has(node.type)

/** Whether it gives what it takes. */
const isIdle = ({ type, inputs, outputs }: OperationNode): boolean =>
  type === 'Identity' || (type === 'Cast' && infoOf(inputs[0]!).dtype === outputs[0]!.dtype)

export const simplified = ({ nodes, outputs }: Portable): Portable => {
  /** What stands for an output of a node from now on. */
  const instead = new Map<Node, Ref | Node>()
  const current = ({ node, output }: Ref): Ref => {
    const found = instead.get(node) ?? node
    return 'node' in found ? found : { node: found, output }
  }
  for (const node of nodes) {
    if (node.kind !== 'operation') continue
    const inputs = node.inputs.map(current)
    const [first] = inputs
    if (isIdle(node)) instead.set(node, first!)
    else if (isReshape(node)) {
      const before = first!.node
      const from = before.kind === 'operation' && isReshape(before) ? before.inputs[0]! : first!
      const same = sameShape(infoOf(from), node.outputs[0]!)
      instead.set(node, same ? from : { ...node, type: 'Reshape', inputs: [from], attributes: {} })
    } else instead.set(node, { ...node, inputs })
  }
  const results = outputs.map(({ name, of }) => ({ name, of: current(of) }))
  const kept = nodes.flatMap((node) => {
    const found = instead.get(node) ?? node
    return 'node' in found ? [] : [found]
  })
  const needed = new Set(results.map(({ of }) => of.node))
  for (const node of kept.toReversed())
    if (needed.has(node) && node.kind === 'operation') for (const input of node.inputs) needed.add(input.node)
  return { nodes: kept.filter((node) => needed.has(node)), outputs: results }
}
