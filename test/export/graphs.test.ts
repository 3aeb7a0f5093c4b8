/** Formats of TensorFlow: what tfjs and TensorFlow itself compute from them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { readModel } from '../../src/evaluate/readModel'
import { runOnnx } from '../../src/export/onnx/run'
import { compared, sampleImages } from '../../src/export/parity'
import { savedModel } from '../../src/export/tensorflow/savedModel'
import { tfjs } from '../../src/export/tensorflow/tfjs'
import { registry } from '../../src/ops/registry'
import { testLibrary, withoutTensorFlow } from '../engine'
import { done, exported, NETWORKS_TO_TRY, runWith, runWithSwin } from './folder'

describe.skipIf(withoutTensorFlow !== undefined)('exported graphs', () => {
  test.each(NETWORKS_TO_TRY)('compute in tfjs and in TensorFlow what the network computes: %s', async (_, backbone, options) => {
    const run = await runWith(backbone)
    const inTfjs = await done(run, 'tfjs', options)
    expect(inTfjs.difference).toBeGreaterThan(0)
    expect(inTfjs.difference).toBeLessThan(1e-5)
    expect((await done(run, 'saved-model', options)).difference).toBeLessThan(1e-5)
  })

  test('hold a Swin transformer, shifted windows and all, in each of their formats', async () => {
    const run = await runWithSwin()
    for (const to of ['onnx', 'tfjs', 'saved-model'] as const)
      expect((await done(run, to, { withHead: true })).difference, to).toBeLessThan(1e-5)
  })

  test('agree with each other: ONNX Runtime, tfjs and TensorFlow', async () => {
    const run = await runWith()
    const [onnx, graph, saved] = [await done(run, 'onnx'), await done(run, 'tfjs'), await done(run, 'saved-model')]
    const model = await readModel(registry, run, { network: 'teacher', withHead: false })()
    if (E.isLeft(model)) throw new Error(JSON.stringify(model.left))
    const images = sampleImages(model.right, 5)
    const engine = await testLibrary()
    const [reference] = await right(savedModel.compute(model.right, saved.path, engine, images))
    const [inTfjs] = await right(tfjs.compute(model.right, graph.path, engine, images))
    const inOnnx = await right(runOnnx(onnx.path, images))
    expect(reference!.last_hidden_state!.shape).toEqual([5, 17, 24])
    for (const found of [inTfjs!, inOnnx]) expect(compared(found, reference!)).toEqual(E.right(expect.closeTo(0, 4)))
  })

  test('a SavedModel has a serving signature and its weights as constants', async () => {
    const { path } = await done(await runWith(), 'saved-model')
    expect(readdirSync(path)).toEqual(['saved_model.pb', 'variables'])
    const bytes = readFileSync(join(path, 'saved_model.pb'))
    for (const text of ['serving_default', 'tensorflow/serving/predict', 'backbone.blocks.1.mlp.fc2.weight', 'pooler_output:0'])
      expect(bytes.includes(text), text).toBe(true)
    expect(bytes.includes('_FusedMatMul')).toBe(false)
  })

  test('a graph model names its inputs and outputs, and its weights fill its files', async () => {
    const { path } = await done(await runWith(), 'tfjs')
    const json = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'))
    expect(json.signature.inputs.pixel_values.tensorShape.dim.map(({ size }: { size: string }) => size)).toEqual([
      '-1',
      '32',
      '32',
      '3',
    ])
    expect(Object.keys(json.signature.outputs)).toEqual(['last_hidden_state', 'pooler_output'])
    const [{ paths, weights }] = json.weightsManifest
    const needed = weights.reduce(
      (sum: number, { shape }: { shape: readonly number[] }) => sum + 4 * shape.reduce((product, n) => product * n, 1),
      0,
    )
    expect(paths).toEqual(['group1-shard1of1.bin'])
    expect(readFileSync(join(path, paths[0])).length).toBe(needed)
  })

  test('a number of images that differs from graph to graph is no part of it', async () => {
    const run = await runWith()
    const { path } = await done(run, 'tfjs')
    expect(readFileSync(join(path, 'model.json'), 'utf8')).not.toMatch(/10(09|13)/)
    writeFileSync(join(path, 'model.json'), '{}')
    expect(await exported(run, 'tfjs')).toBe(`${path} is there already, and an export overwrites nothing`)
  })
})

const right = async <A>(task: () => Promise<E.Either<unknown, A>>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
