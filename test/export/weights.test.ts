import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { describe, expect, test } from 'vitest'
import { missing } from '../../src/base/failure'
import { compute } from '../../src/evaluate/compute'
import { type ModelOptions, readModel } from '../../src/evaluate/readModel'
import { checked, compared, sampleImages } from '../../src/export/parity'
import { inPlace } from '../../src/export/place'
import { parse, serialize } from '../../src/io/safetensors'
import { isVit } from '../../src/nn/architecture'
import { vit } from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { readNetwork } from '../../src/weights/network'
import { testEngine } from '../engine'
import { done, emptyFolder, exported, runWith, runWithoutTeacher, runWithSwin } from './folder'

const tensorsOf = (path: string) => {
  const file = parse(readFileSync(path))
  if (E.isLeft(file)) throw new Error(file.left)
  return file.right
}

const modelOf = async (run: string, options: ModelOptions = { withHead: false }) => {
  const model = await readModel(registry, run, options)()
  if (E.isLeft(model)) throw new Error(JSON.stringify(model.left))
  return model.right
}

describe('safetensors', () => {
  test('hold the bits of the newest checkpoint under the official names of a backbone', async () => {
    const run = await runWith()
    const { path, difference } = await done(run, 'safetensors')
    expect(path).toBe(join(run, 'exports', 'teacher.safetensors'))
    expect(difference).toBeLessThan(1e-6)
    const { tensors, metadata } = tensorsOf(path)
    const saved = tensorsOf(join(run, 'checkpoints', 'step-00000006.safetensors')).tensors
    const names = [...saved.keys()].filter((name) => name.startsWith('teacher.backbone.'))
    expect([...tensors.keys()].sort()).toEqual(names.map((name) => name.slice('teacher.backbone.'.length)).sort())
    for (const name of names) expect(tensors.get(name.slice('teacher.backbone.'.length))).toEqual(saved.get(name))
    expect(metadata).toMatchObject({ format: 'pt', run: 'small', network: 'teacher', step: '6' })
  })

  test('hold the student with its head and the mask embedding where that is asked for', async () => {
    const run = await runWith()
    const { path } = await done(run, 'safetensors', { network: 'student', withHead: true })
    expect(path).toBe(join(run, 'exports', 'student-with-head.safetensors'))
    const { tensors } = tensorsOf(path)
    const saved = tensorsOf(join(run, 'checkpoints', 'step-00000006.safetensors')).tensors
    for (const name of ['backbone.masked_embed', 'head.last_layer.weight_v', 'head.mlp.1.running_var'])
      expect(tensors.get(name)).toEqual(saved.get(`student.${name}`))
  })

  test('hold any backbone', async () => {
    const { path } = await done(await runWithSwin(), 'safetensors')
    const { tensors } = tensorsOf(path)
    expect(tensors.get('layers.0.blocks.1.attn.relative_position_bias_table')!.shape).toEqual([49, 2])
  })

  test('overwrite nothing', async () => {
    const run = await runWith()
    const out = join(emptyFolder(), 'mine')
    writeFileSync(out, 'mine')
    expect(await exported(run, 'safetensors', { out })).toBe(`${out} is there already, and an export overwrites nothing`)
    expect(readFileSync(out, 'utf8')).toBe('mine')
  })
})

test.each([
  ['safetensors', '', {}, { network: 'student', withHead: true }],
  ['safetensors', '', {}, {}],
  ['timm', 'model.safetensors', { layerScale: 0.2 }, {}],
  ['timm', 'model.safetensors', { pooling: 'mean' }, {}],
  ['timm', 'model.safetensors', { registers: 2 }, {}],
] as const)(
  'what is exported to %s%s is read again under the same names with the same bits',
  async (to, file, backbone, options) => {
    const run = await runWith(backbone)
    const { path, network } = await done(run, to, options)
    const model = await modelOf(run, { withHead: false, ...options })
    const read = await readNetwork(join(path, file), network)()
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    // Counters aren't read.
    const names = Object.keys(model.specs).filter((name) => !name.endsWith('num_batches_tracked'))
    expect([...read.right.weights.keys()].sort()).toEqual([...names].sort())
    for (const name of names) expect(read.right.weights.get(name)!.data, name).toEqual(model.weights[name])
  },
)

describe('a run without a teacher', () => {
  const backbone = vit({ patch: 8, width: 24, depth: 2, heads: 3, dropPath: 0.3 })

  test.each(['safetensors', 'timm', 'huggingface'] as const)('exports its student to %s', async (to) => {
    const run = await runWithoutTeacher(backbone)
    const { path, network, difference } = await done(run, to)
    expect(network).toBe('student')
    expect(path).toMatch(/student/)
    expect(difference).toBeLessThan(1e-6)
  })

  test('has neither a teacher nor a head to export, nor is its decoder a part of the network', async () => {
    const run = await runWithoutTeacher(backbone)
    expect(await exported(run, 'safetensors', { network: 'teacher' })).toBe(
      `the run in ${run} has no teacher: no stage of its pipeline is one`,
    )
    expect(await exported(run, 'safetensors', { withHead: true })).toBe(`the network of the run in ${run} has no projection head`)
    const { specs } = await modelOf(run, { withHead: true })
    expect(Object.keys(specs).filter((name) => !name.startsWith('backbone.'))).toEqual([])
  })
})

test('a run without a checkpoint has nothing to export', async () => {
  const run = await runWith()
  const checkpoints = join(run, 'checkpoints')
  writeFileSync(join(checkpoints, 'step-00000009.safetensors'), serialize([]))
  expect(await exported(run, 'safetensors')).toBe(
    `${join(checkpoints, 'step-00000009.safetensors')} is damaged: it is no checkpoint of this version of ibot`,
  )
  const empty = await runWith()
  const away = join(empty, 'away')
  mkdirSync(away)
  execFileSync('mv', [join(empty, 'checkpoints', 'step-00000006.safetensors'), away])
  expect(await exported(empty, 'safetensors')).toBe(`there is no checkpoint in ${join(empty, 'checkpoints')}`)
})

describe('the parity check', () => {
  const output = (...values: readonly number[]) => ({
    pooler_output: { values: Float32Array.from(values), shape: [1, values.length] },
  })

  test('passes what differs by a ten-thousandth of the largest value at most', () => {
    expect(checked([compared(output(10, 0.0009), output(10, 0))], 'onnx')).toEqual(E.right(expect.closeTo(9e-5, 9)))
  })

  test.each([
    [output(10, 0.002), 'they differ by 2.0e-4 of the largest value, more than 0.0001'],
    [output(10, Number.NaN), 'its pooler_output is not a number'],
    [output(10), 'its pooler_output is [1, 1], not [1, 2]'],
    [{}, 'it gives no pooler_output'],
  ])('fails what differs by more', (found, why) => {
    const result = checked([compared(output(10, 0), output(10, 0)), compared(found, output(10, 0))], 'onnx')
    expect(E.isLeft(result) && result.left).toMatchObject({
      _tag: 'Missing',
      message: `the onnx export doesn't compute what the run's network computes: ${why}; it was removed`,
    })
  })

  test.each([true, false])('leaves nothing of what failed (folder: %s)', async (isFolder) => {
    const folder = emptyFolder()
    const failed = missing('it failed', 'no remedy')
    const made = await inPlace(join(folder, 'out'), isFolder, (temporary) => {
      writeFileSync(isFolder ? join(temporary, 'part') : temporary, 'part')
      return TE.left(failed)
    })()
    expect(made).toEqual(E.left(failed))
    expect(readdirSync(folder)).toEqual([])
  })
})

// ---------------------------------------------------------------------------------------------------------------- timm

const PYTHON = process.env.IBOT_PYTHON
const hasTimm = (() => {
  try {
    execFileSync(PYTHON ?? 'python3', ['-c', 'import timm, torch, safetensors'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
if (!hasTimm) process.stderr.write('timm is not compared: no Python with timm is there (IBOT_PYTHON names one)\n')

const COMPARE = `
import sys, timm, torch
from safetensors.torch import load_file, save_file
for folder in sys.argv[1:]:
    model = timm.create_model('local-dir:' + folder, pretrained=True).eval()
    model.load_state_dict(load_file(folder + '/model.safetensors'), strict=True)
    with torch.no_grad():
        tokens = model.forward_features(load_file(folder + '/images')['x'].permute(0, 3, 1, 2))
        # Registers stand behind [CLS].
        patches = tokens[:, model.num_prefix_tokens:]
        outputs = {'last_hidden_state': torch.cat([tokens[:, :1], patches], 1), 'pooler_output': model.forward_head(tokens).contiguous()}
        save_file(outputs, folder + '/outputs')
`

/** Backbones that timm can have, and the side of images for which it doesn't resize positions, which it does in its own way. */
const BACKBONES = [
  [{}, 32],
  [{ layerScale: 0.2 }, 32],
  [{ pooling: 'mean', qkvBias: false }, 32],
  [{ imageSize: 64 }, 64],
  [{ registers: 4 }, 32],
  [{ registers: 3, pooling: 'mean', layerScale: 0.2 }, 32],
] as const

describe('timm', () => {
  test.skipIf(!hasTimm)('loads every kind of backbone strictly and computes the same', async () => {
    const engine = await testEngine('cpu')
    const cases = await Promise.all(
      BACKBONES.map(async ([backbone, size]) => {
        const run = await runWith(backbone)
        const { path } = await done(run, 'timm')
        const model = await modelOf(run)
        const images = sampleImages({ ...model, images: { ...model.images, size: [size, size] } }, 2)
        writeFileSync(join(path, 'images'), serialize([['x', { dtype: 'F32', shape: images.shape, data: images.values }]]))
        return { path, model, images }
      }),
    )
    execFileSync(PYTHON ?? 'python3', ['-c', COMPARE, ...cases.map(({ path }) => path)], { stdio: 'pipe' })
    for (const { path, model, images } of cases) {
      const reference = await compute(engine, model, model.weights, images)
      const { architecture } = model.backbone
      const outputs = [...tensorsOf(join(path, 'outputs')).tensors].flatMap(([name, { shape, data }]) =>
        // With mean pooling timm's tokens are those before it.
        isVit(architecture) && architecture.pooling === 'mean' && name === 'last_hidden_state'
          ? []
          : [[name, { shape, values: data as Float32Array }]],
      )
      expect(outputs).not.toEqual([])
      const worst = compared({ ...reference, ...Object.fromEntries(outputs) }, reference)
      expect(E.isRight(worst) && worst.right).toBeLessThan(1e-5)
    }
  })

  test.each([
    [{ qkScale: 0.3 }, {}, "timm has no network with a qkScale of one's own"],
    [{}, { withHead: true }, "timm has no network with iBOT's projection head"],
  ])('refuses what timm lacks', async (backbone, options, message) => {
    const run = await runWith(backbone)
    expect(await exported(run, 'timm', options)).toBe(message)
    expect(readdirSync(join(run, 'exports'))).toEqual([])
  })
})
