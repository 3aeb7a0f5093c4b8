import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { divisorNear, type HeadsKnown, headsOf } from '../../src/weights/heads'

const heads = (width: number, depth: number, from: HeadsKnown = {}) => {
  const found = headsOf(width, depth, from)
  return E.isLeft(found) ? found.left : found.right.heads
}
const known = (count: number) => ({ source: 'config.json', heads: count })

describe('attention heads that no file tells', () => {
  it.each([
    ['ViT-Ti', 192, 12, 3],
    ['ViT-S', 384, 12, 6],
    ['ViT-B', 768, 12, 12],
    ['ViT-L', 1024, 24, 16],
    ['ViT-H', 1280, 32, 16],
    ['SO400M', 1152, 27, 16],
    ['ViT-g of timm', 1408, 40, 16],
    ['ViT-G of timm', 1664, 48, 16],
    ["DINOv2's ViT-g", 1536, 40, 24],
    ["timm's first ViT-S", 768, 8, 8],
    ["timm's ViT-Medium", 512, 12, 8],
  ])('are those of the published networks of this size: %s', (_, width, depth, count) => {
    const found = headsOf(width, depth, {})
    expect(found).toMatchObject(E.right({ heads: count, isGuess: true }))
  })

  it("of MoCo v3's ViT-S are twice as many, which its names tell", () => {
    for (const prefix of ['base_encoder.', 'momentum_encoder.', 'state_dict.base_encoder.'])
      expect(headsOf(384, 12, { prefix })).toMatchObject(E.right({ heads: 12, isGuess: false }))
    expect(heads(768, 12, { prefix: 'base_encoder.' })).toBe(12)
  })

  it.each([
    ['vit_small', 384, 6, false],
    ['deit_base', 768, 12, false],
    // The weights decide: a head has 64 features in every official size.
    ['vit_tiny', 384, 6, true],
    // The number of the name where it divides the width, or the divisor next to it.
    ['vit_tiny', 30, 3, true],
    ['vit_tiny', 28, 2, true],
    ['vit_small', 30, 6, true],
  ])('are those of the name %s, if the width %i is its own', (arch, width, count, isGuess) => {
    expect(headsOf(width, 12, { arch })).toMatchObject(E.right({ heads: count, isGuess }))
  })

  it('always divide the width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4096 }),
        fc.constantFrom(undefined, 'vit_tiny', 'vit_large', 'resnet50'),
        (width, arch) => {
          const count = heads(width, 12, { arch })
          return typeof count === 'number' && width % count === 0
        },
      ),
      { seed: 1 },
    )
  })
})

describe('attention heads that are told', () => {
  it('are taken from what knows them', () => {
    expect(headsOf(384, 12, { known: known(12), arch: 'vit_small' })).toEqual(
      E.right({ heads: 12, reason: 'as config.json says', isGuess: false }),
    )
    expect(headsOf(384, 12, { stated: [4] })).toEqual(E.right({ heads: 4, reason: 'as --heads says', isGuess: false }))
    expect(heads(384, 12, { stated: [12], known: known(12) })).toBe(12)
  })

  it.each([
    [{ stated: [5] }, "its width is 384, which --heads 5 doesn't divide"],
    [{ stated: [3, 6] }, '--heads 3,6 names 2 numbers, and a vision transformer has one'],
    [{ stated: [6], known: known(12) }, 'it has 12 heads, as config.json says, and not --heads 6'],
    [
      { known: known(5) },
      "config.json says that it has 5 heads, which don't divide its width 384: it belongs to another network",
    ],
  ])('and refused where they contradict the weights or each other: %o', (from, message) => {
    expect(heads(384, 12, from)).toBe(message)
  })
})

it('the divisor next to a number is the smaller of two', () => {
  expect([divisorNear(28, 3), divisorNear(28, 6), divisorNear(7, 5), divisorNear(1, 9)]).toEqual([2, 7, 7, 1])
})
