/** `tfjs`: a folder from which tf.loadGraphModel makes a model, in browsers too. */
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { version } from '../../base/version'
import { useBackend } from '../../engine/eager/use'
import { failureOf } from '../../engine/thrown'
import type { Computed } from '../../evaluate/compute'
import type { Model } from '../../evaluate/model'
import type { Outputs } from '../../evaluate/outputs'
import { IMAGES } from '../../evaluate/outputs'
import { DTYPE, type Dtype } from '../../graph/dtype'
import type { Attribute } from '../../graph/operation'
import { writeAtomically } from '../../io/files'
import type { AnyFormat } from '../format'
import { infoOf, type Portable } from '../portable'
import { fromGraph } from '../recording'
import { metadataOf } from '../weightBytes'
import { graphDefOf, type NodeDef, shapeOf } from './graphDef'

const MODEL = 'model.json'
/** Bytes of a file of weights: small enough for a browser's cache. */
const SHARD = 4 * 2 ** 20

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [DTYPE.float32]: 'DT_FLOAT',
  [DTYPE.int32]: 'DT_INT32',
  [DTYPE.bool]: 'DT_BOOL',
}
const typeName = (dtype: Dtype): string => TYPE_NAMES[dtype]!

const shapeJson = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) })
const bytesJson = (text: string): string => Buffer.from(text).toString('base64')

/** An attribute as protobuf's JSON has it; a constant's values are among the weights. */
const attributeJson = (attribute: Attribute): Readonly<Record<string, unknown>> => {
  if ('type' in attribute) return { type: typeName(attribute.type) }
  if ('bool' in attribute) return { b: attribute.bool }
  if ('int' in attribute) return { i: String(attribute.int) }
  if ('ints' in attribute) return { list: { i: attribute.ints.map(String) } }
  if ('float' in attribute) return { f: attribute.float }
  if ('string' in attribute) return { s: bytesJson(attribute.string) }
  if ('strings' in attribute) return { list: { s: attribute.strings.map(bytesJson) } }
  if ('shape' in attribute) return { shape: shapeJson(attribute.shape) }
  const { dtype, shape } = attribute.tensor
  return { tensor: { dtype: typeName(dtype), tensorShape: shapeJson(shape) } }
}

const nodeJson = ({ name, op, input, attributes }: NodeDef) => ({
  name,
  op,
  ...(input.length === 0 ? {} : { input }),
  attr: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attributeJson(value)])),
})

const signatureJson = ({ nodes, outputs }: Portable) => {
  const entry = (name: string, shape: readonly number[]) => [
    name,
    { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: shapeJson(shape) },
  ]
  const images = nodes.find(({ kind }) => kind === 'images')!
  return {
    inputs: Object.fromEntries([entry(IMAGES, shapeOf(images.outputs[0]!.shape))]),
    outputs: Object.fromEntries(outputs.map(({ name, of }) => entry(name, shapeOf(infoOf(of).shape)))),
  }
}

interface Files {
  readonly model: string
  /** By file name. */
  readonly shards: readonly (readonly [name: string, bytes: Uint8Array])[]
}

const filesOf = (model: Model, portable: Portable): Files => {
  const nodes = graphDefOf(portable)
  const constants = nodes.flatMap(({ name, attributes: { value } }) =>
    value !== undefined && 'tensor' in value ? [{ name, ...value.tensor }] : [],
  )
  const bytes = Buffer.concat(constants.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)))
  const count = Math.ceil(bytes.length / SHARD)
  const shards = Array.from(
    { length: count },
    (_, i) => [`group1-shard${i + 1}of${count}.bin`, bytes.subarray(i * SHARD, (i + 1) * SHARD)] as const,
  )
  const json = {
    format: 'graph-model',
    generatedBy: `ibot ${version}`,
    convertedBy: `ibot ${version}`,
    signature: signatureJson(portable),
    userDefinedMetadata: {
      // With it, outputs come by their names.
      structuredOutputKeys: portable.outputs.map(({ name }) => name),
      ...metadataOf(model),
      mean: model.images.mean,
      std: model.images.std,
    },
    modelTopology: { node: nodes.map(nodeJson), versions: { producer: 1087 } },
    weightsManifest: [
      {
        paths: shards.map(([name]) => name),
        weights: constants.map(({ name, shape, dtype }) => ({
          name,
          shape,
          dtype: dtype === DTYPE.float32 ? 'float32' : dtype === DTYPE.int32 ? 'int32' : 'bool',
        })),
      },
    ],
  }
  return { model: `${JSON.stringify(json)}\n`, shards }
}

/** Reads the files of a folder as tf.loadGraphModel does over HTTP. */
const fromFolder = (folder: string): tf.io.IOHandler => ({
  load: async () => {
    const json = JSON.parse(await fs.readFile(join(folder, MODEL), 'utf8')) as tf.io.ModelJSON
    return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
      const parts = await Promise.all(manifest.flatMap(({ paths }) => paths.map((path) => fs.readFile(join(folder, path)))))
      const all = Buffer.concat(parts)
      return [
        manifest.flatMap(({ weights }) => weights),
        all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength) as ArrayBuffer,
      ]
    })
  },
})

const run = async (folder: string, values: Float32Array, shape: readonly number[]): Promise<Outputs<Computed>> => {
  const { readGraphModel } = await import('./graphModel.js')
  const model = await readGraphModel(fromFolder(folder))
  const images = tf.tensor(values, [...shape], 'float32')
  const outputs = model.predict(images) as tf.NamedTensorMap
  const computed = Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [
      name,
      { values: Float32Array.from(tensor.dataSync()), shape: tensor.shape },
    ]),
  )
  tf.dispose([images, ...Object.values(outputs)])
  model.dispose()
  return computed
}

export const tfjs: AnyFormat = {
  path: ({ which, withHead }) => `${which}${withHead ? '-with-head' : ''}-tfjs`,
  isFolder: true,
  needsLibrary: false,
  write: (model, path) =>
    pipe(
      fromGraph(model, 'a graph model of tfjs', (portable) => filesOf(model, portable)),
      TE.chain(({ model, shards }) =>
        pipe(
          TE.traverseSeqArray(([name, bytes]: Files['shards'][number]) => writeAtomically(join(path, name), bytes))(shards),
          TE.chain(() => writeAtomically(join(path, MODEL), model)),
        ),
      ),
    ),
  compute: (_model, path, _engine, { values, shape }) =>
    pipe(
      useBackend('wasm'),
      TE.chain(() => TE.tryCatch(async () => [await run(path, values, shape)], failureOf)),
    ),
  usage: () => "await tf.loadGraphModel('https://…/model.json')",
}
