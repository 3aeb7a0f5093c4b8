/** What is wrong between labels, classifiers, mixing and layers, each with its place. */
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { stage } from '../../src/dsl/plan'
import { registryOf } from '../../src/dsl/registry'
import { classifier, vit } from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { type Backbone, backboneSlot, headSlot, type ProjectionHead } from '../../src/ops/slots'
import { readDesign } from '../../src/program/design'
import { spanOf } from '../../src/program/span'
import { built } from '../parity/ops'

/** A backbone of a user's own that doesn't tell its layers. */
const unlayered = stage(backboneSlot)({
  name: 'unlayered',
  doc: 'A backbone for tests.',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  fields: {},
  build: (): Backbone => {
    const { layers: _, ...rest } = built<Backbone>(vit.spec, { patch: 4, width: 8, depth: 1, heads: 2 })
    return rest
  },
})
/** A head of a user's own that doesn't tell its classes. */
const silent = stage(headSlot)({
  name: 'silent',
  doc: 'A head for tests.',
  needs: ['tokens.cls'],
  gives: ['logits.class'],
  fields: {},
  build: (): ProjectionHead => {
    const { classes: _, ...rest } = built<ProjectionHead>(classifier.spec, { classes: 4 })
    return rest
  },
})
const ops = registryOf([...registry.ops, unlayered.spec, silent.spec])

interface Parts {
  readonly views?: string
  readonly mixing?: string
  readonly backbone?: string
  readonly head?: string
  readonly optimizer?: string
}

const read = ({
  views = '{ global: [{ augment: { randomResizedCrop: { size: 8 } } }] }',
  mixing = '',
  backbone = 'vit: { patch: 4, width: 8, depth: 1, heads: 2 }',
  head = 'classifier: { classes: 4 }',
  optimizer = '{ lr: 1e-3, layerDecay: 0.75 }',
}: Parts) =>
  readDesign(
    ops,
    'labels.yaml',
    `name: labels
pipeline:
  - dataset: { shapes: { count: 24, size: 8 } }
  - views: ${views}
${mixing}
  - ${backbone}
  - ${head}
  - crossEntropy
  - adamw: ${optimizer}
  - train: { batch: 8, steps: 4 }
`,
  )
const problems = (parts: Parts) => {
  const found = read(parts)
  return E.isLeft(found) ? found.left.map(({ code, line, message }) => ({ code, line, message })) : []
}

test('a pipeline that ends in a label needs no teacher and no masks', () => {
  expect(problems({})).toEqual([])
  expect(problems({ mixing: '  - mixing' })).toEqual([])
})

test('a projection head gives no logits of classes', () => {
  expect(problems({ head: 'projectionHead' })).toMatchObject([{ code: 'missing-fact', line: 8 }])
})

test('mixing and local views exclude each other', () => {
  const crop = '[{ augment: { randomResizedCrop: { size: 8 } } }]'
  expect(problems({ views: `{ global: ${crop}, local: ${crop} }`, mixing: '  - mixing' })).toEqual([
    {
      code: 'unmixed-views',
      line: 5,
      message: "'mixing' mixes global views, and there are local ones too, whose labels would no longer be theirs",
    },
  ])
})

test('a mixing of nothing is told', () => {
  expect(problems({ mixing: '  - mixing: { mixup: 0, cutmix: 0 }' })).toMatchObject([{ code: 'unfit-value', line: 5 }])
})

test('layer decay needs a backbone that tells its layers; without it any will do', () => {
  expect(problems({ backbone: 'unlayered' })).toMatchObject([{ code: 'no-layers', line: 9 }])
  expect(problems({ backbone: 'unlayered', optimizer: '{ lr: 1e-3 }' })).toEqual([])
})

const dataProblems = (classes: readonly string[], parts: Parts = {}) => {
  const found = read(parts)
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left))
  const span = spanOf(found.right.design, { count: 24, channels: 3, name: 'photos', classes })
  return E.isLeft(span) && span.left._tag === 'Rejected' ? span.left.problems : []
}

test('pictures without labels are told, and a classifier of other classes', () => {
  expect(dataProblems(['a', 'b', 'c', 'd'])).toEqual([])
  expect(dataProblems([])).toMatchObject([
    { code: 'no-labels', path: ['pipeline', 0, 'dataset'], message: "'crossEntropy' needs labels, and photos has none" },
  ])
  expect(dataProblems(['a', 'b', 'c', 'd'], { head: 'silent' })).toMatchObject([
    { code: 'wrong-classes', message: "'silent' doesn't tell how many classes its logits are of" },
  ])
  expect(dataProblems(['a'])).toMatchObject([
    {
      code: 'wrong-classes',
      message: "the pictures have one class, and 'classifier' 4",
      suggestion: 'use pictures of two classes or more',
    },
  ])
  for (const classes of [
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'd', 'e'],
  ])
    expect(dataProblems(classes)).toMatchObject([
      {
        code: 'wrong-classes',
        path: ['pipeline', 3, 'classifier', 'classes'],
        message: `the pictures have ${classes.length} classes, and 'classifier' 4`,
      },
    ])
})
