/** A fine-tuned network goes elsewhere with its classifier, or is told why not. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { compute } from '../../src/evaluate/compute'
import { readModel } from '../../src/evaluate/readModel'
import { compared, sampleImages } from '../../src/export/parity'
import { parse, serialize } from '../../src/io/safetensors'
import { swin, vit } from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { testEngine, withoutTensorFlow } from '../engine'
import { done, exported, runWithClassifier } from './folder'

const network = { patch: 8, width: 24, depth: 2, heads: 3 }
const withHead = { withHead: true }

const tensorsOf = (path: string) => {
  const file = parse(readFileSync(path))
  if (E.isLeft(file)) throw new Error(file.left)
  return file.right.tensors
}
const modelOf = async (run: string) => {
  const model = await readModel(registry, run, withHead)()
  if (E.isLeft(model)) throw new Error(JSON.stringify(model.left))
  return model.right
}

test.each([undefined, 20])('safetensors hold the classifier under the official names, hidden: %s', async (hidden) => {
  const run = await runWithClassifier(vit(network), hidden === undefined ? {} : { hidden })
  const { path, network: which } = await done(run, 'safetensors', withHead)
  expect(which).toBe('student')
  const names = [...tensorsOf(path)].flatMap(([name, { shape }]) => (name.startsWith('head.') ? [[name, shape]] : []))
  expect(Object.fromEntries(names)).toEqual(
    hidden === undefined
      ? { 'head.weight': [5, 24], 'head.bias': [5] }
      : {
          'head.mlp.0.weight': [20, 24],
          'head.mlp.0.bias': [20],
          'head.cls_head.weight': [5, 20],
          'head.cls_head.bias': [5],
        },
  )
})

const PYTHON = process.env.IBOT_PYTHON
const hasTimm = (() => {
  try {
    execFileSync(PYTHON ?? 'python3', ['-c', 'import timm, torch, safetensors'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const COMPARE = `
import sys, timm, torch
from safetensors.torch import load_file, save_file
folder = sys.argv[1]
model = timm.create_model('local-dir:' + folder, pretrained=True).eval()
model.load_state_dict(load_file(folder + '/model.safetensors'), strict=True)
with torch.no_grad():
    save_file({'logits': model(load_file(folder + '/images')['x'].permute(0, 3, 1, 2))}, folder + '/outputs')
`

test.each(['cls', 'mean'] as const)('timm is told of the classes, pooling: %s', async (pooling) => {
  const run = await runWithClassifier(vit({ ...network, pooling }))
  const { path } = await done(run, 'timm', withHead)
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))
  expect([config.num_classes, config.model_args.num_classes, config.pretrained_cfg.num_classes]).toEqual([5, 5, 5])
  expect(tensorsOf(join(path, 'model.safetensors')).get('head.weight')!.shape).toEqual([5, 24])
})

test.skipIf(!hasTimm).each(['cls', 'mean'] as const)('timm gives the same logits, pooling: %s', async (pooling) => {
  const run = await runWithClassifier(vit({ ...network, pooling }))
  const { path } = await done(run, 'timm', withHead)
  const model = await modelOf(run)
  const images = sampleImages(model, 2)
  writeFileSync(join(path, 'images'), serialize([['x', { dtype: 'F32', shape: images.shape, data: images.values }]]))
  execFileSync(PYTHON ?? 'python3', ['-c', COMPARE, path], { stdio: 'pipe' })
  const reference = await compute(await testEngine('cpu'), model, model.weights, images)
  const { shape, data } = tensorsOf(join(path, 'outputs')).get('logits')!
  const worst = compared({ ...reference, logits: { shape, values: data as Float32Array } }, reference)
  expect(E.isRight(worst) && worst.right).toBeLessThan(1e-5)
})

test('without its head it is a backbone, to every library', async () => {
  const run = await runWithClassifier(vit(network))
  for (const to of ['timm', 'huggingface', 'safetensors'] as const) expect((await done(run, to)).difference).toBeLessThan(1e-6)
})

test('what libraries have no words for is refused', async () => {
  const hidden = await runWithClassifier(vit(network), { hidden: 20 })
  expect(await exported(hidden, 'timm', withHead)).toBe('timm has no network with a classifier behind a hidden layer')
  const plain = await runWithClassifier(vit(network))
  expect(await exported(plain, 'huggingface', withHead)).toBe(
    "Hugging Face's ViTModel has no network with a classifier in this export",
  )
})

test.skipIf(withoutTensorFlow !== undefined).each(['onnx', 'tfjs', 'saved-model'] as const)(
  'the computation gives logits in %s, of any backbone',
  async (to) => {
    for (const backbone of [vit(network), swin({ patch: 4, width: 12, depths: [2, 2], heads: [2, 4], window: 4 })])
      expect((await done(await runWithClassifier(backbone), to, withHead)).difference).toBeLessThan(1e-4)
  },
)
