/** The messages of TensorFlow's saved_model.proto that a model of ours needs. */
import {
  bool,
  bytes,
  explicit,
  field,
  float,
  int32,
  int64,
  type MessageOf,
  map,
  message,
  repeated,
  string,
} from '../../base/protobuf'
import type { Attribute } from '../../graph/operation'
import type { NodeDef } from './graphDef'

const Shape = message({ dim: repeated(2, message({ size: field(1, int64) })) })
const Tensor = message({ dtype: field(1, int32), tensor_shape: field(2, Shape), tensor_content: field(4, bytes) })

const AttrValue = message({
  list: explicit(1, message({ s: repeated(2, bytes), i: repeated(3, int64) })),
  s: explicit(2, bytes),
  i: explicit(3, int64),
  f: explicit(4, float),
  b: explicit(5, bool),
  type: explicit(6, int32),
  shape: explicit(7, Shape),
  tensor: explicit(8, Tensor),
})

const Node = message({ name: field(1, string), op: field(2, string), input: repeated(3, string), attr: map(5, AttrValue) })
const Graph = message({ node: repeated(1, Node), versions: field(4, message({ producer: field(1, int32) })) })
const Info = message({ name: field(1, string), dtype: field(2, int32), tensor_shape: field(3, Shape) })
const SignatureDef = message({ inputs: map(1, Info), outputs: map(2, Info), method_name: field(3, string) })
const MetaInfo = message({ tags: repeated(4, string), tensorflow_version: field(5, string) })
const MetaGraph = message({ meta_info_def: field(1, MetaInfo), graph_def: field(2, Graph), signature_def: map(5, SignatureDef) })
const SavedModel = message({ saved_model_schema_version: field(1, int64), meta_graphs: repeated(2, MetaGraph) })

/** An input or output of a signature; -1 stands for any number of images. */
export interface TensorInfo {
  readonly name: string
  readonly dtype: number
  readonly shape: readonly number[]
}

export interface Signature {
  readonly inputs: Readonly<Record<string, TensorInfo>>
  readonly outputs: Readonly<Record<string, TensorInfo>>
}

const shapeProto = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size })) })

const attrValue = (attribute: Attribute): MessageOf<typeof AttrValue> => {
  if ('type' in attribute) return { type: attribute.type }
  if ('bool' in attribute) return { b: attribute.bool }
  if ('int' in attribute) return { i: attribute.int }
  if ('ints' in attribute) return { list: { i: attribute.ints } }
  if ('float' in attribute) return { f: attribute.float }
  if ('string' in attribute) return { s: Buffer.from(attribute.string) }
  if ('strings' in attribute) return { list: { s: attribute.strings.map((text) => Buffer.from(text)) } }
  if ('shape' in attribute) return { shape: shapeProto(attribute.shape) }
  const { dtype, shape, values } = attribute.tensor
  const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { tensor: { dtype, tensor_shape: shapeProto(shape), tensor_content: content } }
}

/** The oldest TensorFlow that reads it, and the version of the GraphDef format whose rules the nodes keep: that one's. */
const OLDEST = '2.9.0'
const PRODUCER = 1087

const infoProto = (all: Readonly<Record<string, TensorInfo>>) =>
  Object.fromEntries(
    Object.entries(all).map(([key, { name, dtype, shape }]) => [key, { name, dtype, tensor_shape: shapeProto(shape) }]),
  )

/** Bytes of saved_model.pb, in parts, with one graph, tagged `serve`, and one signature, `serving_default`. */
export const savedModelOf = (nodes: readonly NodeDef[], { inputs, outputs }: Signature): readonly Uint8Array[] =>
  SavedModel.parts({
    saved_model_schema_version: 1,
    meta_graphs: [
      {
        meta_info_def: { tags: ['serve'], tensorflow_version: OLDEST },
        graph_def: {
          node: nodes.map(({ name, op, input, attributes }) => ({
            name,
            op,
            input,
            attr: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attrValue(value)])),
          })),
          versions: { producer: PRODUCER },
        },
        signature_def: {
          serving_default: {
            inputs: infoProto(inputs),
            outputs: infoProto(outputs),
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
    ],
  })
