/** Messages of each kind that ibot writes. */
import type { MessageOf } from '../../src/base/protobuf'
import { Model } from '../../src/export/onnx/proto'
import type { NodeDef } from '../../src/export/tensorflow/graphDef'
import { type Signature, savedModelOf } from '../../src/export/tensorflow/savedModelProto'
import { type ConfigOptions, configProto } from '../../src/tensorflow/config'

const values = Uint8Array.from({ length: 5000 }, (_, i) => (31 * i) % 256)

const onnx: MessageOf<typeof Model> = {
  ir_version: 8,
  producer_name: 'ibot',
  producer_version: '0.1.0',
  opset_import: [{ domain: '', version: 18 }],
  metadata_props: [
    { key: 'mean', value: '0.485,0.456' },
    { key: 'größe', value: '' },
  ],
  graph: {
    name: 'vit',
    node: [
      {
        name: 'Transpose_0',
        op_type: 'Transpose',
        input: ['x'],
        output: ['t'],
        attribute: [{ name: 'perm', type: 7, ints: [0, 2, 3, 1] }],
      },
      {
        name: 'Concat_1',
        op_type: 'Concat',
        input: ['t', '', 'w'],
        output: ['c'],
        attribute: [
          { name: 'axis', type: 2, i: -1 },
          { name: 'zero', type: 2, i: 0 },
          { name: 'epsilon', type: 1, f: 1e-6 },
          { name: 'none', type: 7, ints: [] },
          { name: 'large', type: 2, i: 2 ** 53 - 1 },
        ],
      },
      { name: 'Identity_2', op_type: 'Identity', input: ['c'], output: ['y'], attribute: [] },
    ],
    initializer: [
      { name: 'w', dims: [10, 125], data_type: 1, raw_data: values },
      { name: 'scalar', dims: [], data_type: 7, raw_data: values.subarray(0, 8) },
      { name: 'empty', dims: [0], data_type: 1, raw_data: values.subarray(0, 0) },
    ],
    input: [
      { name: 'x', type: { tensor_type: { elem_type: 1, shape: { dim: [{ dim_param: 'batch_size' }, { dim_value: 3 }] } } } },
    ],
    output: [
      { name: 'y', type: { tensor_type: { elem_type: 1, shape: { dim: [{ dim_param: '4 * batch_size' }, { dim_value: 0 }] } } } },
    ],
  },
}

const nodes: readonly NodeDef[] = [
  { name: 'images', op: 'Placeholder', input: [], attributes: { dtype: { type: 1 }, shape: { shape: [-1, 3, 8, 8] } } },
  {
    name: 'weight',
    op: 'Const',
    input: [],
    attributes: {
      dtype: { type: 1 },
      value: { tensor: { dtype: 1, shape: [2, 3], values: Float32Array.of(1, -2, 3, 0, 0.5, 1e9) } },
    },
  },
  {
    name: 'other',
    op: 'Other',
    input: ['images', 'weight:1'],
    attributes: {
      T: { type: 3 },
      yes: { bool: true },
      no: { bool: false },
      axis: { int: 0 },
      down: { int: -7 },
      strides: { ints: [1, 2, 2, 1] },
      nothing: { ints: [] },
      epsilon: { float: 0.25 },
      padding: { string: 'SAME' },
      parts: { strings: ['BiasAdd', 'Relu', ''] },
      scalar: { shape: [] },
    },
  },
]
const signature: Signature = {
  inputs: { images: { name: 'images:0', dtype: 1, shape: [-1, 3, 8, 8] } },
  outputs: { one: { name: 'one:0', dtype: 1, shape: [-1, 4] }, two: { name: 'two:0', dtype: 1, shape: [] } },
}

const configs: readonly ConfigOptions[] = [{ threads: 0 }, { threads: 300, device: 'gpu' }, { threads: 4, device: 'cpu' }]

export const samples: Readonly<Record<string, Uint8Array>> = {
  onnx: Model.encode(onnx),
  savedModel: Buffer.concat(savedModelOf(nodes, signature)),
  ...Object.fromEntries(configs.map((options, i) => [`config ${i}`, configProto(options)])),
}
