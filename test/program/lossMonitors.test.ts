/** The monitors of both distillation losses, as docs/monitors.md defines them, against plain arithmetic over the networks' logits. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import type { HostBatch } from '../../src/engine/interpreter'
import { mapBatch, namedBatch, tensorBatch } from '../../src/program/batch'
import type { Program } from '../../src/program/program'
import { testEngine } from '../engine'
import { batchFor, type Small, small } from './small'

beforeAll(async () => {
  await useBackend('cpu')()
})

type Row = readonly number[]
type Rows = readonly Row[]

const total = (values: Row): number => values.reduce((sum, value) => sum + value, 0)
const average = (values: Row): number => total(values) / values.length
const softmax = (logits: Row): Row => {
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)))
  return powers.map((power) => power / total(powers))
}
const entropy = (p: Row): number => -total(p.map((value) => (value === 0 ? 0 : value * Math.log(value))))
const likeliest = (p: Row): number => p.indexOf(Math.max(...p))
const columnMeans = (rows: Rows): Row => rows[0]!.map((_, k) => average(rows.map((row) => row[k]!)))
const norm = (values: Row): number => Math.hypot(...values)

const STUDENT = 0.1
const TEACHER = 0.04
const KEPT = 0.9

/** Tokens that count, in pairs, each with its share; and all of the teacher's logits, of which the centre is moved. */
interface Seen {
  readonly pairs: readonly { readonly teacher: Row; readonly student: Row; readonly share: number }[]
  readonly all: Rows
  readonly center: Row
}

const monitorsOf = ({ pairs, all, center }: Seen): Readonly<Record<string, number>> => {
  const taught = pairs.map(({ teacher }) => softmax(teacher.map((logit, k) => (logit - center[k]!) / TEACHER)))
  const learnt = pairs.map(({ student }) => softmax(student.map((logit) => logit / STUDENT)))
  const mean = (value: (i: number) => number): number => total(pairs.map(({ share }, i) => share * value(i)))
  const most = Math.log(center.length)
  const moved = columnMeans(all).map((value, k) => KEPT * center[k]! + (1 - KEPT) * value)
  return {
    teacherEntropy: mean((i) => entropy(taught[i]!)) / most,
    studentEntropy: mean((i) => entropy(learnt[i]!)) / most,
    prototypes: Math.exp(entropy(center.map((_, k) => mean((i) => taught[i]![k]!)))),
    agreement: mean((i) => (likeliest(taught[i]!) === likeliest(learnt[i]!) ? 1 : 0)),
    'center.norm': norm(moved),
    'center.gap': norm(columnMeans(all).map((value, k) => value - moved[k]!)),
  }
}

const rowsOf = (logits: tf.Tensor): Rows => logits.reshape([-1, logits.shape[logits.rank - 1]!]).arraySync() as number[][]

interface Logits {
  readonly teacher: { readonly cls: Rows; readonly patch: Rows }
  readonly student: { readonly cls: readonly Rows[]; readonly patch: Rows }
}

/** The logits of both networks for all tokens, before a step. */
const logitsOf = (program: Program, state: Readonly<Record<string, Float32Array>>, batch: HostBatch): Logits => {
  tf.engine().startScope()
  try {
    const tensors = Object.fromEntries(
      Object.entries(program.state).map(([name, { shape }]) => [name, tf.tensor(state[name]!, [...shape])]),
    )
    const shapes = namedBatch<readonly number[]>(program.batch)
    const inputs = tensorBatch(
      mapBatch(batch, (values, name) => tf.tensor(values, [...shapes[name]!])),
      undefined,
    )
    const teacher = program.teach!(tensors, inputs).outputs
    const student = program.study(tensors, inputs)
    return {
      teacher: { cls: rowsOf(teacher.cls), patch: rowsOf(teacher.patch().all()) },
      // Of every token, [CLS] first.
      student: { cls: student.cls.map(rowsOf), patch: rowsOf(student.patch().logits) },
    }
  } finally {
    tf.engine().endScope()
  }
}

const expected = (program: Program, state: Readonly<Record<string, Float32Array>>, batch: HostBatch) => {
  const { teacher, student } = logitsOf(program, state, batch)
  const { pictures, views, grid } = program.batch
  const patches = grid.height * grid.width
  // [CLS]: the teacher's view v beside the student's global view v + 1, the last beside the first.
  const cls = teacher.cls.map((logits, i) => ({
    teacher: logits,
    student: student.cls[(Math.floor(i / pictures) + 1) % views]![i % pictures]!,
    share: 1 / teacher.cls.length,
  }))
  // Hidden patches: the mean within a view, then over the views that have any.
  const hidden = (view: number): readonly number[] =>
    Array.from({ length: patches }, (_, n) => n).filter((n) => batch.mask?.[view * patches + n] === 1)
  const some = Array.from({ length: views * pictures }, (_, view) => view).filter((view) => hidden(view).length > 0)
  const patch = some.flatMap((view) =>
    hidden(view).map((n) => ({
      teacher: teacher.patch[view * patches + n]!,
      student: student.patch[view * (1 + patches) + 1 + n]!,
      share: 1 / (some.length * hidden(view).length),
    })),
  )
  const centerOf = (name: string): Row => [...state[`ibot_loss.${name}`]!]
  return {
    clsDistillation: monitorsOf({ pairs: cls, all: teacher.cls, center: centerOf('center') }),
    maskedImageModeling: monitorsOf({ pairs: patch, all: teacher.patch, center: centerOf('center2') }),
  }
}

const PIPELINES: readonly (readonly [string, Small])[] = [
  ['local views', {}],
  ['three global views and local ones', { globals: 3 }],
  ['three global views and no local ones', { globals: 3, locals: false }],
  ['one global view and local ones', { globals: 1 }],
  ['a Swin transformer, three global views and local ones', { swin: true, globals: 3 }],
  ['separate heads', { sharedHead: false }],
]

describe.each(PIPELINES)('with %s', (_, options) => {
  it('each monitor of each loss is what its definition gives, with masks of all sizes, none among them', async () => {
    const program = small(options)
    const dense = small(options, { dense: { logits: true, mean: true, lastBlock: true } })
    const interpreter = await (await testEngine('cpu')).open(program, program.init(3))
    for (let step = 0; step < 3; step++) {
      const drawn = batchFor(program, step)
      const patches = program.batch.mask![1]
      // The first view has no mask at all, the last one is hidden whole.
      const mask = drawn.mask!.map((on, i) => (i < patches ? 0 : i >= drawn.mask!.length - patches ? 1 : on))
      const batch = { ...drawn, mask }
      const want = expected(dense, await interpreter.read(), batch)
      const got = await interpreter.step(batch, program.numbers(step))
      for (const [loss, monitors] of Object.entries(want))
        for (const [name, value] of Object.entries(monitors))
          expect(got[`${loss}.${name}`], `${loss}.${name} of step ${step}`).toBeCloseTo(value, 3)
    }
    interpreter.dispose()
  })
})
