import { expect, test } from 'vitest'
import { swin } from '../../src/nn/swin'
import { vit } from '../../src/nn/vit'
import { HUGGING_FACE, HUGGING_FACE_SWIN, officialPart, TIMM, theirNames, timmSwinName } from '../../src/nn/weightNames'

const shape = {
  channels: 3,
  imageSize: 32,
  patch: 8,
  width: 24,
  depth: 11,
  heads: 3,
  mlpRatio: 4,
  qkvBias: true,
  qkScale: undefined,
  dropout: 0,
  attentionDropout: 0,
  dropPath: 0,
  layerScale: 0,
  registers: 0,
  pooling: 'cls',
} as const

test.each([
  ['timm', TIMM, vit({ ...shape, layerScale: 0.1 })],
  ["timm's mean pooling", TIMM, vit({ ...shape, pooling: 'mean' })],
  ['Hugging Face', HUGGING_FACE, vit(shape)],
  ["Hugging Face's Swin", HUGGING_FACE_SWIN, swin({ ...shape, patch: 4, depths: [2, 11], heads: [3, 6], window: 4 })],
] as const)('every weight has names in %s, from which its own is found again', (_, table, { weights }) => {
  const seen = new Set<string>()
  for (const name of Object.keys(weights)) {
    const theirs = theirNames(table, name)!
    expect(theirs.length, name).toBeGreaterThan(0)
    for (const [part, one] of theirs.entries()) {
      expect(officialPart(table, one)).toEqual({ name, part, parts: theirs.length })
      expect(seen.has(one)).toBe(false)
      seen.add(one)
    }
  }
})

test('Hugging Face keeps queries, keys and values by themselves', () => {
  expect(theirNames(HUGGING_FACE, 'blocks.10.attn.qkv.weight')).toEqual([
    'encoder.layer.10.attention.attention.query.weight',
    'encoder.layer.10.attention.attention.key.weight',
    'encoder.layer.10.attention.attention.value.weight',
  ])
})

test('what others have no name for has none', () => {
  expect(theirNames(TIMM, 'masked_embed')).toBeUndefined()
  expect(theirNames(HUGGING_FACE, 'blocks.0.gamma_1')).toBeUndefined()
  expect(officialPart(TIMM, 'head.weight')).toBeUndefined()
})

test('a Swin transformer of timm merges patches at the beginning of a stage', () => {
  expect(timmSwinName('layers.1.downsample.norm.weight')).toBe('layers.0.downsample.norm.weight')
  expect(timmSwinName('layers.1.blocks.0.norm1.weight')).toBe('layers.1.blocks.0.norm1.weight')
})
