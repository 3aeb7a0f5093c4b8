/** The messages of onnx.proto (IR version 9) that a model of ours needs, and their encoding. */
import * as protobuf from 'protobufjs'

const SCHEMA = `
syntax = "proto3";
package onnx;
message ModelProto {
  int64 ir_version = 1;
  string producer_name = 2;
  string producer_version = 3;
  GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message StringStringEntryProto { string key = 1; string value = 2; }
message GraphProto {
  repeated NodeProto node = 1;
  string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  string name = 3;
  string op_type = 4;
  repeated AttributeProto attribute = 5;
}
message AttributeProto {
  enum AttributeType { UNDEFINED = 0; FLOAT = 1; INT = 2; INTS = 7; }
  string name = 1;
  float f = 2;
  int64 i = 3;
  repeated int64 ints = 8;
  AttributeType type = 20;
}
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message TypeProto {
  message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
  Tensor tensor_type = 1;
}
message TensorShapeProto {
  message Dimension { int64 dim_value = 1; string dim_param = 2; }
  repeated Dimension dim = 1;
}
`

/** TensorProto.DataType. */
export const ONNX_TYPE = { float: 1, int32: 6, int64: 7, bool: 9 } as const

export interface TensorProto {
  readonly name: string
  readonly dims: readonly number[]
  readonly data_type: number
  readonly raw_data: Uint8Array
}
export type AttributeProto = { readonly name: string } & (
  | { readonly type: 1; readonly f: number }
  | { readonly type: 2; readonly i: number }
  | { readonly type: 7; readonly ints: readonly number[] }
)
export interface NodeProto {
  readonly name: string
  readonly op_type: string
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly attribute: readonly AttributeProto[]
}
export interface ValueInfoProto {
  readonly name: string
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: number
      readonly shape: { readonly dim: readonly ({ readonly dim_value: number } | { readonly dim_param: string })[] }
    }
  }
}
export interface ModelProto {
  readonly ir_version: number
  readonly producer_name: string
  readonly producer_version: string
  readonly opset_import: readonly { readonly domain: string; readonly version: number }[]
  readonly metadata_props: readonly { readonly key: string; readonly value: string }[]
  readonly graph: {
    readonly name: string
    readonly node: readonly NodeProto[]
    readonly initializer: readonly TensorProto[]
    readonly input: readonly ValueInfoProto[]
    readonly output: readonly ValueInfoProto[]
  }
}

/** Bytes of a model. */
export const encodeModel = (model: ModelProto): Uint8Array => {
  const type = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('onnx.ModelProto')
  return type.encode(model as unknown as Record<string, unknown>).finish()
}
