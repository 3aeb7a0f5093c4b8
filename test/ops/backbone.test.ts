/** What backbones ask of their parameters and of the views. */
import { pipe } from 'fp-ts/function'
import { describe, expect, it } from 'vitest'
import { pipeline } from '../../src/dsl/plan'
import type { OpSpec } from '../../src/dsl/spec'
import {
  check,
  dataset,
  imageFolder,
  randomResizedCrop,
  swin,
  swinBase,
  swinLarge,
  swinSmall,
  swinTiny,
  views,
  vitBase,
  vitLarge,
  vitSmall,
  vitTiny,
} from '../../src/index'
import type { Backbone } from '../../src/ops/slots'
import { built } from '../parity/ops'

const swinT = { width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24] }

/** What is wrong with a backbone's parameters, for global views of this size. */
const problems = (backbone: Parameters<typeof swin>[0], size = 224): readonly string[] =>
  check(
    pipe(
      pipeline('a'),
      dataset(imageFolder('pictures')),
      views({ global: [{ times: 2, augment: randomResizedCrop({ size }) }] }),
      swin(backbone),
    ),
  )
    .filter(({ path }) => path[2] === 'swin' || path[2] === 'views')
    .map(
      ({ path, message, suggestion }) =>
        `${path.slice(2).join('.')}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
    )

describe('a Swin transformer', () => {
  it('takes Swin-T with either window', () => {
    expect(problems(swinT)).toEqual([])
    expect(problems({ ...swinT, window: 14 })).toEqual([])
  })

  it.each([
    [{ ...swinT, heads: [3, 6, 12] }, ['swin.heads: expected as many numbers of heads as there are depths (4), got 3']],
    [{ ...swinT, heads: [3, 6, 12, 25] }, ['swin.heads.3: the heads (25) must divide the width of their stage (768)']],
    [{ ...swinT, imageSize: 31 }, ['swin.imageSize: the image size (31) is smaller than a cell of the last stage (32)']],
    [{ ...swinT, mlpRatio: 0.001 }, ['swin.mlpRatio: the MLP would have no features: 0.001 × 96 is less than 1']],
  ])('refuses %j', (parameters, expected) => {
    expect(problems(parameters)).toEqual(expected)
  })

  it('wants views of whole cells of its last map', () => {
    expect(problems(swinT, 100)).toEqual([
      "views.global.0.augment.0.randomResizedCrop.size: a view of 100 × 100 pixels can't be divided into patches of 32 × 32 (use a multiple of 32, such as 96)",
    ])
  })
})

describe('the usual sizes', () => {
  const parameters = ({ spec }: { readonly spec: OpSpec }, given: object): number => {
    const { weights } = built<Backbone>(spec, given).student({ channels: 3, size: 224 })
    return Object.values(weights).reduce((sum, { shape }) => sum + shape.reduce((n, m) => n * m, 1), 0)
  }

  // The official code: sum(p.numel() for p in models.NAME(num_classes=0).parameters()); timm has the same.
  it.each([
    ['vitTiny', vitTiny, {}, 5_524_416],
    ['vitSmall', vitSmall, {}, 21_665_664],
    ['vitSmall with patches of 8', vitSmall, { patch: 8 }, 21_670_272],
    ['vitBase', vitBase, {}, 85_798_656],
    ['vitLarge', vitLarge, {}, 303_301_632],
    ['swinTiny', swinTiny, {}, 27_519_354],
    ['swinTiny with windows of 14', swinTiny, { window: 14 }, 27_569_754],
    ['swinSmall', swinSmall, {}, 48_837_258],
    ['swinBase', swinBase, {}, 86_743_224],
    ['swinLarge', swinLarge, {}, 194_995_476],
  ] as const)('%s: as many parameters as the official code', (_, stage, given, count) => {
    expect(parameters(stage, given)).toBe(count)
  })
})
