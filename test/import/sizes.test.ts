import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { sizesOf } from '../../src/import/sizesOf'
import { below, type WeightSpecs } from '../../src/nn/layer'
import { type SwinShape, swin } from '../../src/nn/swin'
import { vit } from '../../src/nn/vit'

const shapesOf = (weights: WeightSpecs) => new Map(Object.entries(below('backbone', weights)))
const swinShape: SwinShape = {
  channels: 3,
  imageSize: 224,
  patch: 4,
  width: 8,
  depths: [1, 1, 1, 1],
  heads: [1, 2, 4, 8],
  window: 7,
  mlpRatio: 4,
  qkvBias: true,
  qkScale: undefined,
  dropPath: 0,
}
const swinSizes = (shape: Partial<SwinShape>, change = (weights: WeightSpecs): WeightSpecs => weights) =>
  sizesOf(shapesOf(change(swin({ ...swinShape, ...shape }).weights)))

describe('the sizes of a Swin transformer', () => {
  it.each([
    [{ window: 7, imageSize: 224 }, undefined],
    // The last stage of larger windows needs larger images.
    [{ window: 12, imageSize: 384 }, 384],
    [{ window: 8, imageSize: 256 }, 256],
    // The last stage is smaller than a window.
    [{ window: 14, imageSize: 224 }, 224],
  ])('are laid out for images whose stages its windows fit: %o', (shape, imageSize) => {
    const found = swinSizes(shape)
    expect(E.isRight(found) && found.right.backbone).toMatchObject({ window: shape.window, heads: [1, 2, 4, 8], imageSize })
  })

  it("of one whose patches aren't normalised are none", () => {
    const found = swinSizes({}, (weights) =>
      Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('patch_embed.norm'))),
    )
    expect(found).toEqual(E.left('its patches are not normalised (patch_norm), as here they are'))
  })

  it('of one whose windows are no squares are none', () => {
    const found = swinSizes({}, (weights) => ({
      ...weights,
      'layers.0.blocks.0.attn.relative_position_bias_table': {
        ...weights['layers.0.blocks.0.attn.relative_position_bias_table']!,
        shape: [60, 1],
      },
    }))
    expect(found).toEqual(E.left('its windows are no squares'))
  })
})

it('grey images have a normalisation of their own, and images of other channels are refused', () => {
  const sizes = (channels: number) => sizesOf(shapesOf(swin({ ...swinShape, channels }).weights))
  expect(sizes(1)).toMatchObject(
    E.right({
      channels: 1,
      normalize: { mean: [0.449], std: [0.226] },
      remarks: [{ text: 'grey images, normalised by the mean of ImageNet: 0.449 and std 0.226', isGuess: true }],
    }),
  )
  expect(sizes(3)).toMatchObject(E.right({ channels: 3, remarks: [] }))
  expect(sizes(4)).toEqual(E.left('it takes images of 4 channels, and here they have 1 or 3'))
})

it('the hidden features of an MLP are those of the file, whatever the width', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 3000 }), (width, hidden) => {
      const shape = (mlpRatio: number) => ({
        channels: 3,
        imageSize: 16,
        patch: 8,
        width,
        depth: 1,
        heads: 1,
        mlpRatio,
        qkvBias: true,
        qkScale: undefined,
        dropout: 0,
        attentionDropout: 0,
        dropPath: 0,
        layerScale: 0,
        registers: 0,
        pooling: 'cls' as const,
      })
      const shapes = new Map<string, { readonly shape: readonly number[] }>(shapesOf(vit(shape(1)).weights))
      shapes.set('backbone.blocks.0.mlp.fc1.weight', { shape: [hidden, width] })
      const found = sizesOf(shapes)
      if (E.isLeft(found)) return false
      return vit(shape(found.right.backbone.mlpRatio)).weights['blocks.0.mlp.fc1.weight']!.shape[0] === hidden
    }),
    { numRuns: 300, seed: 1 },
  )
})
