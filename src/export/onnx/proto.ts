/** The messages of onnx.proto (IR version 9) that a model of ours needs. */
import { bytes, field, float, int32, int64, type MessageOf, message, repeated, string } from '../../base/protobuf'

/** TensorProto.DataType. */
export const ONNX_TYPE = { float: 1, int32: 6, int64: 7, bool: 9 } as const
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { int: 2, ints: 7 } as const

const Tensor = message({
  dims: repeated(1, int64),
  data_type: field(2, int32),
  name: field(8, string),
  raw_data: field(9, bytes),
})

const Attribute = message({
  name: field(1, string),
  f: field(2, float),
  i: field(3, int64),
  ints: repeated(8, int64),
  type: field(20, int32),
})

const Node = message({
  input: repeated(1, string),
  output: repeated(2, string),
  name: field(3, string),
  op_type: field(4, string),
  attribute: repeated(5, Attribute),
})

const Dimension = message({ dim_value: field(1, int64), dim_param: field(2, string) })
const TensorShape = message({ dim: repeated(1, Dimension) })
const TensorType = message({ elem_type: field(1, int32), shape: field(2, TensorShape) })
const ValueInfo = message({ name: field(1, string), type: field(2, message({ tensor_type: field(1, TensorType) })) })

const Graph = message({
  node: repeated(1, Node),
  name: field(2, string),
  initializer: repeated(5, Tensor),
  input: repeated(11, ValueInfo),
  output: repeated(12, ValueInfo),
})

export const Model = message({
  ir_version: field(1, int64),
  producer_name: field(2, string),
  producer_version: field(3, string),
  graph: field(7, Graph),
  opset_import: repeated(8, message({ domain: field(1, string), version: field(2, int64) })),
  metadata_props: repeated(14, message({ key: field(1, string), value: field(2, string) })),
})

export type TensorProto = MessageOf<typeof Tensor>
export type AttributeProto = MessageOf<typeof Attribute>
export type NodeProto = MessageOf<typeof Node>
export type ValueInfoProto = MessageOf<typeof ValueInfo>
