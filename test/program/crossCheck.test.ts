/** Stages that are right by themselves and don't fit together. */
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { stage } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { registryOf } from '../../src/dsl/registry'
import { registry } from '../../src/ops/registry'
import { lossSlot } from '../../src/ops/slots'
import { crossCheck } from '../../src/program/crossCheck'

/** A loss of a user's own, which compares views. */
const pairwise = stage(lossSlot)({
  name: 'pairwise',
  doc: 'A loss for tests.',
  needs: ['logits.cls'],
  gives: ['loss'],
  fields: {},
  build: () => ({
    comparesViews: true,
    schedules: {},
    state: () => ({}),
    teach: ({ cls }) => ({ target: cls, state: {} }),
    learn: () => {
      throw new Error('it is only checked')
    },
  }),
})
const ops = registryOf([...registry.ops, pairwise.spec])

const problemsOf = (
  times: number,
  loss: string,
  probe = '',
  mask = '{ block: { ratio: 0.5 } }',
  augment = '{ randomResizedCrop: { size: 8 } }',
  linear = '',
) => {
  const yaml = `name: fits
pipeline:
  - dataset: { shapes: { count: 24, size: 8 } }
  - views: { global: [{ times: ${times}, augment: ${augment} }] }
  - masking: ${mask}
  - vit: { patch: 4, width: 8, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: 16 }, hidden: 16, bottleneck: 8 }
  - emaTeacher
  - ${loss}
  - adamw: { lr: 1e-3 }
  - train: { batch: 8, steps: 4 }
${linear === '' ? '' : `  - linearProbe: { test: { shapes: { count: 12, size: 8 } }, ${linear} }\n`}${probe === '' ? '' : `  - knn: { test: { shapes: { count: 12, size: 8 } }, prepare: ${probe} }\n`}`
  const read = readPlan(ops, 'fits.yaml', yaml, [], crossCheck(ops))
  return E.isLeft(read) ? read.left.map(({ code, line, message }) => ({ code, line, message })) : []
}

test('a loss that compares views says so, whatever it is called; others do with one view', () => {
  for (const loss of ['clsDistillation', 'pairwise']) {
    expect(problemsOf(2, loss)).toEqual([])
    expect(problemsOf(1, loss)).toEqual([
      { code: 'no-pairs', line: 9, message: `'${loss}' compares views of a picture, of which there is only one` },
    ])
  }
  expect(problemsOf(1, 'maskedImageModeling')).toEqual([])
})

test('a probe prepares pictures of one size, which the network can divide', () => {
  for (const fits of ['{ centerCrop: 12 }', '[resize: 20, centerCrop: 16]'])
    expect(problemsOf(2, 'clsDistillation', fits)).toEqual([])
  expect(problemsOf(2, 'clsDistillation', '{ resize: 12 }')).toEqual([
    { code: 'unknown-size', line: 12, message: 'the size of a prepared picture depends on the picture' },
  ])
  expect(problemsOf(2, 'clsDistillation', '{ centerCrop: 10 }')).toEqual([
    { code: 'unfit-size', line: 12, message: "a prepared picture of 10 × 10 pixels can't be divided into patches of 4 × 4" },
  ])
})

test('a probe augments pictures to the size of those that it tests', () => {
  const linear = (fields: string) => problemsOf(2, 'clsDistillation', '', undefined, undefined, fields)
  for (const fits of [
    'augment: { randomResizedCrop: { size: 8 } }',
    'augment: [randomResizedCrop: { size: 12 }, horizontalFlip: { p: 0.5 }], prepare: { centerCrop: 12 }',
  ])
    expect(linear(fits)).toEqual([])
  expect(linear('augment: { horizontalFlip: { p: 0.5 } }')).toEqual([
    { code: 'unknown-size', line: 12, message: 'the size of an augmented picture depends on the picture' },
  ])
  expect(linear('augment: { randomResizedCrop: { size: 16 } }')).toEqual([
    {
      code: 'unfit-size',
      line: 12,
      message: 'augmented pictures are 16 × 16, and the others that the probe takes 8 × 8',
    },
  ])
  expect(linear('augment: [randomResizedCrop: { size: 8 }, randomErasing: {}]')).toEqual([
    {
      code: 'unfit-augmentation',
      line: 12,
      message: "a probe's pictures are augmented before they are normalised, and not after",
    },
  ])
})

test('what is done to the normalised picture comes last in a view, and in no probe', () => {
  const augmented = (...augment: readonly string[]) =>
    problemsOf(2, 'clsDistillation', '', undefined, `[randomResizedCrop: { size: 8 }, ${augment.join(', ')}]`)
  const erase = 'randomErasing: { p: 0.25 }'
  for (const fits of [
    [erase],
    ['horizontalFlip', erase, erase],
    [`oneOf: [solarize, { ${erase} }]`, erase],
    [`sometimes: { p: 0.5, augmentations: [solarize, ${erase}] }`],
    [`repeat: { times: 2, augmentations: [${erase}] }`],
    [`randomOrder: [${erase}, ${erase}]`],
  ])
    expect(augmented(...fits)).toEqual([])
  for (const unfit of [
    [erase, 'horizontalFlip'],
    [`oneOf: [solarize, { ${erase} }]`, 'grayscale'],
    [`sometimes: { p: 0.5, augmentations: [${erase}, solarize] }`],
    [`repeat: { times: 2, augmentations: [solarize, ${erase}] }`],
    [`randomOrder: [solarize, ${erase}]`],
    [`oneOf: [grayscale, { sequence: [${erase}, solarize] }]`],
  ])
    expect(augmented(...unfit)).toEqual([
      {
        code: 'unfit-augmentation',
        line: 4,
        message: 'what is done to the normalised picture stands before what is done to the picture itself',
      },
    ])
  expect(problemsOf(2, 'clsDistillation', `[centerCrop: 8, ${erase}]`)).toEqual([
    {
      code: 'unfit-augmentation',
      line: 12,
      message: "a probe's pictures are prepared before they are normalised, and not after",
    },
  ])
})

test('global views are square; prepared pictures may have any shape', () => {
  const cropped = (size: string) => problemsOf(2, 'clsDistillation', '', undefined, `{ randomResizedCrop: { size: ${size} } }`)
  expect(cropped('[8, 8]')).toEqual([])
  expect(cropped('[8, 12]')).toEqual([
    { code: 'unfit-size', line: 4, message: 'global views are square, and this one is 8 × 12' },
  ])
  expect(problemsOf(2, 'clsDistillation', '[resize: [24, 32], centerCrop: [16, 24]]')).toEqual([])
  expect(problemsOf(2, 'clsDistillation', '{ resize: [8, 12] }')).toEqual([])
  expect(problemsOf(2, 'clsDistillation', '{ resize: [8, 10] }')).toEqual([
    { code: 'unfit-size', line: 12, message: "a prepared picture of 8 × 10 pixels can't be divided into patches of 4 × 4" },
  ])
})

test('masks that can never hide a patch are a problem of the losses on hidden patches, and of no others', () => {
  const never = (mask: string, loss: string) => problemsOf(2, loss, '', mask)
  for (const mask of [
    'none',
    '{ mixture: [none] }',
    '{ random: { ratio: 0.2 } }',
    '{ block: { ratio: 0 } }',
    '{ coarse: { size: 3, mask: { random: { ratio: 1 } } } }',
  ]) {
    expect(never(mask, 'clsDistillation')).toEqual([])
    expect(never(mask, 'maskedImageModeling')).toEqual([
      {
        code: 'never-masked',
        line: 5,
        message: "these masks never hide one of the 2 × 2 patches, so that 'maskedImageModeling' would always be 0",
      },
    ])
    expect(never(mask, 'pixelReconstruction')).toMatchObject([{ code: 'never-masked', line: 5 }])
  }
  for (const mask of [
    '{ mixture: [none, { block: { ratio: 0.5 } }] }',
    '{ startingAt: { epoch: 3, mask: { random: { ratio: 0.5 } } } }',
  ])
    expect(never(mask, 'maskedImageModeling')).toEqual([])
})
