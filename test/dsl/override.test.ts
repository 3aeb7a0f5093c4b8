import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { toValue } from '../../src/dsl/document'
import { type Edits, readDraft, readPlan } from '../../src/dsl/read'
import { type Op, opBody } from '../../src/dsl/type'
import { registry as shipped } from '../../src/ops/registry'
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

  test('leads through a main parameter that is written out, which a path may leave out', () => {
    const full = SMALL.replace(/- teacher: .*/, '- teacher: { momentum: { constant: { value: 0.5 } } }')
    const momentum = (...overrides: readonly string[]) => {
      const result = readPlan(registry, 'small.yaml', full, overrides)
      if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
      return result.right.plan.pipeline.find((op) => 'teacher' in op)!.teacher
    }
    expect(momentum()).toEqual({ momentum: { constant: { value: 0.5 } } })
    for (const path of ['teacher.constant.value', 'pipeline[5].teacher.constant.value', 'teacher.momentum.constant.value'])
      expect(momentum(`${path}=0.75`)).toEqual({ momentum: { constant: { value: 0.75 } } })
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

describe('--unset', () => {
  const TEXT = SMALL.replace('heads: 3', 'heads: 3, depth: 2')
  const edited = (edits: Edits) => {
    const result = readPlan(registry, 'small.yaml', TEXT, edits)
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
    return result.right.plan.pipeline
  }
  const written = edited({})
  const bodyOf = (plan: readonly Op[], name: string) => plan.find((op) => Object.keys(op)[0] === name)?.[name]

  test.each(['vit.depth', 'pipeline.vit.depth', 'pipeline[3].vit.depth'])('a parameter goes back to its default: %s', (path) => {
    expect(bodyOf(written, 'vit')).toMatchObject({ depth: 2 })
    expect(bodyOf(edited({ unset: [path] }), 'vit')).toMatchObject({ depth: 12 })
  })

  test('what is removed goes first, so that the same may be set anew', () => {
    expect(bodyOf(edited({ set: ['vit.depth=7'], unset: ['vit.depth'] }), 'vit')).toMatchObject({ depth: 7 })
  })

  test('a main parameter that is written alone', () => {
    const result = readPlan(registry, 'small.yaml', TEXT, { unset: ['teacher.momentum'] })
    expect(E.isLeft(result) && result.left).toMatchObject([
      { code: 'missing-key', message: "missing key 'momentum': how much stays" },
    ])
  })

  test('a stage goes with its name, an item of a list with its index', () => {
    const draft = readDraft(registry, 'small.yaml', TEXT, { unset: ['head', 'masking', 'views.local[0]'] }, () => [])
    const without = E.isRight(draft) ? draft.right.checked.stages.map(({ op }) => op!) : []
    expect(without).toHaveLength(written.length - 2)
    expect(without.map((op) => Object.keys(op)[0])).not.toContain('masking')
    expect(bodyOf(without, 'views')).toMatchObject({ global: [{ times: 2 }], local: [] })
  })

  test('problems behind a removed stage keep their places', () => {
    const lineOf = (edits: Edits) => {
      const result = readPlan(registry, 'small.yaml', TEXT.replace('depth: 2', 'depth: 2, haeds: 3'), edits)
      return E.isLeft(result) ? result.left.map(({ code, line }) => [code, line]) : []
    }
    const [[code, line]] = lineOf({}) as [[string, number]]
    expect(code).toBe('unknown-key')
    expect(lineOf({ unset: ['masking'] })).toContainEqual([code, line])
    expect(lineOf({ unset: ['pipeline.0', 'pipeline.0'] })).toContainEqual([code, line])
  })

  test.each([
    ['vit.dpeth', "there is no 'dpeth' here that could be removed", "did you mean 'depth'?"],
    ['vit.heads.more', 'there is no', 'nothing is written here'],
    ['vti.depth', "the pipeline has no stage 'vti'", "did you mean 'vit.depth'?"],
    ['vit.depth=3', 'expected the path of what is removed', "as in 'knn' or 'knn.every'"],
    ['views.global.9', "'9' is not one of its items", 'its items: '],
    ['', 'expected the path of what is removed', "as in 'knn' or 'knn.every'"],
  ])('%s is refused', (argument, message, suggestion) => {
    const result = readPlan(registry, 'small.yaml', TEXT, { unset: [argument] })
    expect(E.isLeft(result) && result.left).toMatchObject([
      {
        code: 'wrong-path',
        file: '--unset',
        message: expect.stringContaining(message),
        suggestion: expect.stringContaining(suggestion),
      },
    ])
  })
})

describe('parameters that exclude each other', () => {
  const either = (...set: readonly string[]) =>
    readPlan(shipped, 'either.yaml', 'name: either\npipeline:\n  - train: { epochs: 3, batch: 8 }\n  - checkpoint\n', set)
  const trainOf = (...set: readonly string[]) => {
    const read = readDraft(shipped, 'e.yaml', 'name: e\npipeline:\n  - train: { epochs: 3, batch: 8 }\n', { set }, () => [])
    return E.isRight(read) ? opBody(read.right.checked.stages[0]!.op!) : undefined
  }

  test('setting one replaces the other, and the last of several counts', () => {
    expect(trainOf()).toMatchObject({ epochs: 3 })
    expect(trainOf('train.steps=5')).toMatchObject({ steps: 5 })
    expect(trainOf('train.steps=5')).not.toHaveProperty('epochs')
    expect(trainOf('train.steps=5', 'train.epochs=2')).toMatchObject({ epochs: 2 })
    expect(trainOf('train.steps=5', 'train.epochs=2')).not.toHaveProperty('steps')
    expect(trainOf('train.batch=4')).toMatchObject({ epochs: 3, batch: 4 })
  })

  test('both in one mapping are a problem at the second', () => {
    const result = either('train={ epochs: 3, steps: 5, batch: 8 }')
    expect(E.isLeft(result) && result.left).toContainEqual(
      expect.objectContaining({
        code: 'unfit-value',
        message: 'both epochs and steps are given',
        path: ['pipeline', 0, 'train', 'steps'],
      }),
    )
  })
})
