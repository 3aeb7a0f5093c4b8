/** A model as ONNX: its operations and weights in one file, for any number of images. */
import { version } from '../../base/version'
import type { Model } from '../../evaluate/model'
import { IMAGES } from '../../evaluate/outputs'
import { type Dim, infoOf, type Node, type Portable, type Ref } from '../portable'
import { metadataOf } from '../weightBytes'
import { newNodes } from './nodes'
import { ONNX_TYPE, Model as OnnxModel, type ValueInfoProto } from './proto'
import { translate } from './translations'

const OPSET = 18
/** The version of the file format that goes with it. */
const IR_VERSION = 8

/** The images are given channels first, as models of PyTorch have them. */
const CHANNELS_LAST = [0, 2, 3, 1]

const described = (name: string, shape: readonly Dim[]): ValueInfoProto => ({
  name,
  type: {
    tensor_type: {
      elem_type: ONNX_TYPE.float,
      shape: {
        dim: shape.map((dim) =>
          typeof dim === 'number'
            ? { dim_value: dim }
            : { dim_param: dim.perImage === 1 ? 'batch_size' : `${dim.perImage} * batch_size` },
        ),
      },
    },
  },
})

/** The file's bytes, in parts. Input `pixel_values` [B, C, H, W], normalised; outputs by `OutputName`. */
export const onnxOf = (model: Model, { nodes, outputs }: Portable): readonly Uint8Array[] => {
  const to = newNodes(IMAGES)
  const names = new Map<Node, readonly string[]>()
  /** Constants are added when their values are asked for: shapes, axes and the like are not, they become attributes. */
  const of = ({ node, output }: Ref): string => {
    const known = names.get(node) ?? [held(node)]
    names.set(node, known)
    return known[output]!
  }
  const held = (node: Node): string => {
    if (node.kind === 'dims') return to.dims(node.dims)
    if (node.kind !== 'constant' && node.kind !== 'weight') throw new RangeError(`${node.name} comes after what needs it`)
    return to.tensor(node.name, node.outputs[0]!.shape as readonly number[], node.values)
  }
  for (const node of nodes)
    if (node.kind === 'images') names.set(node, to.add('Transpose', [IMAGES], { perm: CHANNELS_LAST }))
    else if (node.kind === 'operation') names.set(node, translate(node, { nodes: to, of }))
  for (const { name, of: ref } of outputs) to.add('Identity', [of(ref)], {}, [name])
  const { size, channels } = model.images
  return OnnxModel.parts({
    ir_version: IR_VERSION,
    producer_name: 'ibot',
    producer_version: version,
    opset_import: [{ domain: '', version: OPSET }],
    metadata_props: Object.entries({ ...metadataOf(model), mean: model.images.mean.join(), std: model.images.std.join() }).map(
      ([key, value]) => ({ key, value }),
    ),
    graph: {
      name: model.design.plan.name,
      node: to.nodes,
      initializer: to.tensors,
      input: [described(IMAGES, [{ perImage: 1 }, channels, ...size])],
      output: outputs.map(({ name, of: ref }) => described(name, infoOf(ref).shape)),
    },
  })
}
