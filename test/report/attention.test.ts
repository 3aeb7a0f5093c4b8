/** Attention maps, of whatever backbone has a [CLS] token, by any name. */
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { openReader } from '../../src/evaluate/openReader'
import { attentionMaps } from '../../src/evaluate/reader'
import { swin, swinTiny, vit, vitBase, vitLarge, vitSmall, vitTiny } from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { withoutTensorFlow } from '../engine'
import { exported, runOf } from '../export/folder'

const HEADS = 3
const CELLS = 16
const SMALL = { patch: 8, width: 24, depth: 2, heads: HEADS }
const VITS = { vit, vitTiny, vitSmall, vitBase, vitLarge }
const VARIANTS = {
  'as it is': {},
  'with registers': { registers: 3 },
  'with pooling mean': { pooling: 'mean' },
  'with LayerScale, registers and pooling mean': { layerScale: 0.3, registers: 2, pooling: 'mean' },
} as const

const picture = {
  width: 32,
  height: 32,
  channels: 3,
  data: Uint8Array.from({ length: 3072 }, (_, i) => (i * 7919) % 256),
} as const

const mapsOf = async (run: string) => {
  const reader = await openReader(registry, run, undefined)()
  if (E.isLeft(reader)) throw new Error(JSON.stringify(reader.left))
  return attentionMaps(reader.right, [picture])()
}

describe.each(Object.entries(VITS))('%s', (_, stage) => {
  test.each(Object.entries(VARIANTS))('%s shows what [CLS] looks at: one map of all patches a head', async (_, variant) => {
    const maps = await mapsOf(await runOf(stage({ ...SMALL, ...variant })))
    if (E.isLeft(maps)) throw new Error(JSON.stringify(maps.left))
    expect(maps.right.map((heads) => heads.map(({ length }) => length))).toEqual([Array(HEADS).fill(CELLS)])
    for (const map of maps.right[0]!) {
      const sum = map.reduce((a, b) => a + b, 0)
      expect(Math.min(...map)).toBeGreaterThan(0)
      // The rest is paid to [CLS] itself, and to registers.
      expect(sum).toBeLessThan(1)
    }
  })

  test('goes to timm, registers and all', async () => {
    expect(await exported(await runOf(stage({ ...SMALL, registers: 2 })), 'timm')).toMatchObject({ network: 'teacher' })
  })

  test.skipIf(withoutTensorFlow !== undefined)('goes to ViTModel, which has no registers', async () => {
    expect(await exported(await runOf(stage(SMALL)), 'huggingface')).toMatchObject({ network: 'teacher' })
    expect(await exported(await runOf(stage({ ...SMALL, registers: 2 })), 'huggingface')).toBe(
      "Hugging Face's ViTModel has no network with the weight 'register_tokens'",
    )
  })
})

test.each(Object.entries({ swin, swinTiny }))('%s has no [CLS] token', async (name, stage) => {
  const run = await runOf(stage({ patch: 4, width: 12, depths: [2, 2], heads: [2, 4], window: 4 }))
  expect(await mapsOf(run)).toEqual(
    E.left({
      _tag: 'Missing',
      message: `attention maps show what [CLS] looks at, and ${name} has no [CLS] token`,
      remedy: "'pca' shows its features.",
    }),
  )
})
