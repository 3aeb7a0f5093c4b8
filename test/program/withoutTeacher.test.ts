/** A loss that takes nothing from a teacher: what is left out of a step, and that the student learns the same. */
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { stage } from '../../src/dsl/plan'
import { registryOf } from '../../src/dsl/registry'
import { pipe, pipeline, randomResizedCrop } from '../../src/index'
import { adamw, dataset, projectionHead, shapes, train, views, vit } from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { lossSlot } from '../../src/ops/slots'
import { designOf } from '../../src/program/design'
import type { Program } from '../../src/program/program'
import { testEngine, tokensOf } from '../engine'
import { batchFor, type Small, small } from './small'

const STEPS = 5

const run = async (options: Small) => {
  const program = small({ pixels: true, dropPath: 0.4, ...options })
  const interpreter = await (await testEngine('cpu')).open(program, program.init(3))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < STEPS; step++) reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  const state = await interpreter.read()
  const features = Float32Array.from(interpreter.features())
  const { values: tokens } = await tokensOf(interpreter, program, batchFor(program, 'encode').global, program.batch.global)
  interpreter.dispose()
  return { program, reports, state, features, tokens }
}

const namesWith = (part: string, { state, schedules }: Program): readonly string[] =>
  [...Object.keys(state), ...schedules].filter((name) => name.toLowerCase().includes(part))

test('there is no state, schedule or monitor of a teacher, and the student is what is measured', async () => {
  const { program, reports } = await run({ teacher: false })
  expect(namesWith('teacher', program)).toEqual([])
  expect(program.teach).toBeUndefined()
  expect(program.frozen.which).toBe('student')
  expect(Object.keys(reports[0]!)).toEqual(['loss', 'pixelReconstruction.loss', 'gradientNorm', 'student.movement'])
})

test('the student learns what it learns beside a teacher, bit for bit; one that copies it encodes the same', async () => {
  const [alone, beside] = [await run({ teacher: false }), await run({ momentum: 0 })]
  expect(beside.program.frozen.which).toBe('teacher')
  for (const name of ['loss', 'pixelReconstruction.loss', 'gradientNorm'])
    expect(alone.reports.map((report) => report[name])).toEqual(beside.reports.map((report) => report[name]))
  for (const [name, values] of Object.entries(alone.state)) expect(values, name).toEqual(beside.state[name])
  expect(alone.tokens).toEqual(beside.tokens)
})

test('a teacher that no loss asks follows, and its pass is not computed: the features are those of the student', async () => {
  const [slow, copy] = [await run({ momentum: 0.9 }), await run({ momentum: 0 })]
  expect(slow.program.teach).toBeUndefined()
  expect(slow.features).toEqual(copy.features)
  expect(slow.state['teacher.backbone.pos_embed']).not.toEqual(copy.state['teacher.backbone.pos_embed'])
  expect(slow.tokens).not.toEqual(copy.tokens)
})

test('a step without a teacher gives the [CLS] features of every global view', async () => {
  const { program, features } = await run({ teacher: false })
  expect(features.length).toBe(program.batch.global[0] * 12)
  expect(features.every(Number.isFinite)).toBe(true)
})

/** A loss of a user's own that doesn't say that it needs a teacher. */
const forgetful = stage(lossSlot)({
  name: 'forgetful',
  doc: 'A loss for tests.',
  needs: ['logits.cls'],
  gives: ['loss'],
  fields: {},
  build: () => ({
    metric: 'forgetful',
    schedules: {},
    state: () => ({}),
    teach: ({ cls }: { readonly cls: tf.Tensor }) => ({ target: cls, state: {} }),
    learn: (target: tf.Tensor) => tf.mean(target) as tf.Scalar,
  }),
})

test('a loss that takes targets from a teacher is told that there is none, whatever it says of itself', () => {
  const plan = pipe(
    pipeline('small'),
    dataset(shapes({ count: 6 })),
    views({ global: [{ times: 2, augment: randomResizedCrop({ size: 12 }) }] }),
    vit({ patch: 4, width: 12, depth: 1, heads: 3 }),
    projectionHead(),
    forgetful(),
    adamw({ lr: 1e-3 }),
    train({ batch: 2, steps: 1 }),
  )
  const design = designOf(registryOf([...registry.ops, forgetful.spec]), plan)
  expect(E.isLeft(design) && design.left).toEqual({
    _tag: 'Rejected',
    problems: [
      {
        code: 'missing-fact',
        path: ['pipeline', 4, 'forgetful'],
        at: 'key',
        message: "'forgetful' takes its targets from a teacher, and there is none",
        suggestion: "add 'emaTeacher' above this line",
      },
    ],
  })
})
