/** The messages of TensorFlow's saved_model.proto that a model of ours needs, and their encoding. */
import * as protobuf from 'protobufjs'
import type { Attribute } from '../../tensorflow/graph'
import type { NodeDef } from './graphDef'

const SCHEMA = `
syntax = "proto3";
package tensorflow;
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
message MetaGraphDef {
  message MetaInfoDef { repeated string tags = 4; string tensorflow_version = 5; }
  MetaInfoDef meta_info_def = 1;
  GraphDef graph_def = 2;
  map<string, SignatureDef> signature_def = 5;
}
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message VersionDef { int32 producer = 1; }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; map<string, AttrValue> attr = 5; }
message AttrValue {
  message ListValue { repeated bytes s = 2; repeated int64 i = 3; }
  oneof value {
    ListValue list = 1;
    bytes s = 2;
    int64 i = 3;
    float f = 4;
    bool b = 5;
    int32 type = 6;
    TensorShapeProto shape = 7;
    TensorProto tensor = 8;
  }
}
message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; }
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShapeProto tensor_shape = 3; }
`

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

const attrValue = (attribute: Attribute): Readonly<Record<string, unknown>> => {
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

/** The version of the GraphDef format whose rules the nodes keep: that of TensorFlow 2.9, so that it and later ones read it. */
const PRODUCER = 1087

const infoProto = (all: Readonly<Record<string, TensorInfo>>) =>
  Object.fromEntries(
    Object.entries(all).map(([key, { name, dtype, shape }]) => [key, { name, dtype, tensor_shape: shapeProto(shape) }]),
  )

/** Bytes of saved_model.pb with one graph, tagged `serve`, and one signature, `serving_default`. */
export const encodeSavedModel = (nodes: readonly NodeDef[], { inputs, outputs }: Signature, tensorflow: string): Uint8Array => {
  const type = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('tensorflow.SavedModel')
  return type
    .encode({
      saved_model_schema_version: 1,
      meta_graphs: [
        {
          meta_info_def: { tags: ['serve'], tensorflow_version: tensorflow },
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
    .finish()
}
