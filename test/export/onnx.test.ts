import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { newNodes } from '../../src/export/onnx/nodes'
import { translate } from '../../src/export/onnx/translations'
import { recordingFailure } from '../../src/export/recording'
import { withoutTensorFlow } from '../engine'
import { done, NETWORKS_TO_TRY, runWith } from './folder'

describe.skipIf(withoutTensorFlow !== undefined)('onnx', () => {
  test.each(NETWORKS_TO_TRY)('computes in ONNX Runtime what the network computes: %s', async (_, backbone, options) => {
    const { difference } = await done(await runWith(backbone), 'onnx', options)
    // Nothing at all would mean that nothing was computed anew.
    expect(difference).toBeGreaterThan(0)
    expect(difference).toBeLessThan(1e-5)
  })

  test('takes any number of images, channels first, and names its outputs as Hugging Face does', async () => {
    const run = await runWith()
    const { path } = await done(run, 'onnx', { withHead: true })
    expect(path).toBe(join(run, 'exports', 'teacher-with-head.onnx'))
    const session = await InferenceSession.create(path)
    expect(session.inputMetadata).toMatchObject([{ name: 'pixel_values', type: 'float32', shape: ['batch_size', 3, 32, 32] }])
    expect(session.outputMetadata).toMatchObject([
      { name: 'last_hidden_state', shape: ['batch_size', 17, 24] },
      { name: 'pooler_output', shape: ['batch_size', 24] },
      { name: 'cls_logits', shape: ['batch_size', 10] },
      { name: 'patch_logits', shape: ['batch_size', 16, 10] },
    ])
    const found = await session.run({ pixel_values: new Tensor('float32', new Float32Array(5 * 3 * 32 * 32), [5, 3, 32, 32]) })
    expect(found.patch_logits!.dims).toEqual([5, 16, 10])
    await session.release()
  })

  test('leaves nothing beside it', async () => {
    const run = await runWith()
    await done(run, 'onnx')
    expect(readdirSync(join(run, 'exports'))).toEqual(['teacher.onnx'])
  })
})

test('an operation without a counterpart is named', () => {
  const node = { kind: 'operation', name: 'x', outputs: [], type: 'Assign', inputs: [], attributes: {} } as const
  let thrown: unknown
  try {
    translate(node, { nodes: newNodes('images'), of: () => '' })
  } catch (error) {
    thrown = error
  }
  expect(recordingFailure({ backbone: { name: 'vit' } } as never, 'ONNX')(thrown)).toMatchObject({
    _tag: 'Rejected',
    problems: [
      {
        code: 'inexpressible',
        message:
          "'vit' can't be written as ONNX: it uses Assign: it has no counterpart among the operations that are exported to ONNX",
      },
    ],
  })
})
