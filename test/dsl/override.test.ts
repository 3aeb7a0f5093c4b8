import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { toValue } from '../../src/dsl/document'
import { readPlan } from '../../src/dsl/read'
import type { Op } from '../../src/dsl/type'
import { registry } from './registry'
import { SMALL } from './samples'

const read = (...overrides: readonly string[]) => {
  const result = readPlan(registry, 'small.yaml', SMALL, overrides)
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const stage = (name: string, ...overrides: readonly string[]) =>
  read(...overrides).plan.pipeline.find((op: Op) => Object.keys(op)[0] === name)![name]

describe('--set', () => {
  test.each(['vit.depth=6', 'pipeline.vit.depth=6', 'pipeline.3.vit.depth=6', 'pipeline[3].vit.depth=6', 'vit.depth= 6 # six'])(
    '%s',
    (argument) => {
      expect(stage('vit', argument)).toMatchObject({ width: 48, depth: 6 })
    },
  )

  test('takes any YAML as the value', () => {
    expect(stage('teacher', 'teacher={ linear: { from: 0.9, to: 1 } }')).toEqual({ momentum: { linear: { from: 0.9, to: 1 } } })
    expect(stage('masking', 'masking.mask=none')).toEqual({ mask: { none: {} } })
    expect(stage('vit', 'vit={ width: 32 }')).toMatchObject({ width: 32, depth: 12 })
    expect(read('name=other').plan.name).toBe('other')
  })

  test('reaches into lists, and into ops written as a bare name', () => {
    expect(stage('views', 'views.global.0.augment.1.flip.p=0.25')).toMatchObject({
      global: [{ augment: [{}, { sometimes: { p: 0.25 } }, {}] }],
    })
    expect(stage('views', 'views.local[0].augment.flip.p=0.25')).toMatchObject({
      local: [{ augment: [{ sometimes: { p: 0.25 } }] }],
    })
    expect(stage('head', 'head.out=16')).toMatchObject({ out: 16 })
  })

  test('opens a main parameter that is written alone', () => {
    expect(stage('source', 'source.batch=8')).toMatchObject({ path: 'data', batch: 8 })
    expect(stage('source', 'source.path=other', 'source.batch=8')).toMatchObject({ path: 'other', batch: 8 })
    expect(stage('teacher', 'teacher.momentum=0.9')).toEqual({ momentum: 0.9 })
  })

  test('the last of several counts', () => {
    expect(stage('vit', 'vit.depth=6', 'vit.heads=4', 'vit.depth=7')).toMatchObject({ depth: 7, heads: 4 })
  })

  test('leaves other uses of an alias as they are', () => {
    const yaml = SMALL.replace('lr: 5e-4', 'lr: *slow').replace('teacher: {', 'teacher: &slow {')
    const result = readPlan(registry, 'a.yaml', yaml, ['adamw.lr.cosine.from=0.5'])
    expect(E.isRight(result) && result.right.plan.pipeline[7]).toMatchObject({ adamw: { lr: { cosine: { from: 0.5 } } } })
    expect(E.isRight(result) && result.right.plan.pipeline[5]).toMatchObject({
      teacher: { momentum: { cosine: { from: 0.996 } } },
    })
  })

  test.each([
    ['lr=1e-3', 'adamw.lr=1e-3'],
    ['epochs=3', 'train.epochs=3'],
    ['vitt.depth=6', 'vit.depth=6'],
    ['pipeline.vitt.depth=6', 'pipeline.vit.depth=6'],
    ['model.depth=6', 'vit.depth=6'],
    ['train.lr=1', 'adamw.lr=1'],
    ['backbone.depth=6', 'vit.depth=6'],
    ['nmae=other', 'name=other'],
    ['views.global.7.times=2', 'views.global[0].times=2'],
    ['views.global[7].times=2', 'views.global[0].times=2'],
  ])('for %s the spelling that works is shown: %s', (written, works) => {
    const result = readPlan(registry, 'small.yaml', SMALL, [written])
    const suggestions = E.isLeft(result) ? result.left.map(({ suggestion }) => suggestion) : []
    expect(suggestions).toEqual([expect.stringContaining(works)])
    expect(() => read(works)).not.toThrow()
  })

  test('of a long value the spelling shows only the path', () => {
    const result = readPlan(registry, 'small.yaml', SMALL, [`vitt={ width: 32, depth: 12, heads: 2 } # ${'so it is '.repeat(9)}`])
    expect(E.isLeft(result) && result.left[0]!.suggestion).toBe("did you mean 'vit=…'?")
  })

  test('is in the value of the document', () => {
    expect(toValue(read('vit.depth=6').document)).toMatchObject({ pipeline: { 3: { vit: { width: 48, depth: 6, heads: 3 } } } })
  })
})
