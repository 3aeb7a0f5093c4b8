/** Runs that end in a label: what they learn, what they start from, and that a resume changes nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  adamw,
  center,
  checkpoint,
  classifier,
  clsDistillation,
  crossEntropy,
  dataset,
  emaTeacher,
  horizontalFlip,
  initialWeights,
  mixing,
  type Plan,
  pipe,
  pipeline,
  projectionHead,
  type RunEvent,
  type Runnable,
  type RunOptions,
  randomResizedCrop,
  type StepReport,
  shapes,
  shared,
  sharpen,
  train,
  views,
  vit,
} from '../../src/index'
import { parse, serialize } from '../../src/io/safetensors'
import { runPlan } from '../../src/run/run'
import { withoutTensorFlow } from '../engine'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-fine-tuning-'))
})
afterAll(() => rmSync(root, { recursive: true }))

interface Options {
  readonly steps?: number
  readonly lr?: number
  readonly from?: string
  readonly hidden?: number
  readonly mixed?: boolean
  readonly workers?: number
}

const network = vit({ patch: 4, width: 16, depth: 2, heads: 2, dropPath: 0.1 })
const seen = (times = 1) =>
  pipe(
    pipeline('fine'),
    dataset(shapes({ count: 48, size: 16, channels: 1 })),
    views({
      global: [{ times, augment: [randomResizedCrop({ size: 16, scale: [0.8, 1] }), horizontalFlip({ p: 0.5 })] }],
      normalize: { mean: [0.5], std: [0.25] },
    }),
  )

/** A small network that tells drawn shapes apart. */
const fineTuning = ({ steps = 6, lr = 3e-3, from, hidden, mixed = false, workers = 0 }: Options = {}) => {
  const base = pipe(
    seen(),
    network,
    classifier({ classes: 6, initScale: 1, dropout: 0.1, ...(hidden === undefined ? {} : { hidden }) }),
  )
  const ready = from === undefined ? base : pipe(base, initialWeights(from))
  const ending = [
    crossEntropy({ labelSmoothing: 0.1 }),
    adamw({ lr, weightDecay: 0.05, clip: 0, layerDecay: 0.8, decayEmbeddings: false }),
    train({ batch: 16, steps, workers }),
    checkpoint({ every: '3 steps', keep: 3 }),
  ] as const
  return mixed ? pipe(ready, mixing(), ...ending) : pipe(ready, ...ending)
}

const run = async (name: string, plan: Plan<Runnable>, options: RunOptions = {}) => {
  const notes: string[] = []
  const steps: StepReport[] = []
  const alarms: string[] = []
  const onEvent = (event: RunEvent) => {
    if (event.event === 'note') notes.push(event.message)
    if (event.event === 'step') steps.push(event)
    if (event.event === 'alarm') alarms.push(event.alarm)
  }
  const result = await runPlan(plan, { out: join(root, name), backend: 'cpu', onEvent, ...options })()
  return { result, notes, steps, alarms }
}
const tensorsAt = (name: string, step: number) => {
  const file = join(root, name, 'checkpoints', `step-${String(step).padStart(8, '0')}.safetensors`)
  const parsed = parse(readFileSync(file))
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right.tensors
}

test('a small network learns what it is told, and no alarm is raised', async () => {
  const { result, steps, alarms } = await run('learns', fineTuning({ steps: 200 }), {
    backend: withoutTensorFlow === undefined ? 'tensorflow' : 'wasm',
  })
  expect(E.isRight(result), JSON.stringify(result)).toBe(true)
  const accuracy = steps.slice(-20).map(({ monitors }) => monitors['crossEntropy.accuracy']!)
  // By chance it would be one in six.
  expect(accuracy.reduce((sum, value) => sum + value, 0) / accuracy.length).toBeGreaterThan(0.35)
  expect(alarms).toEqual([])
}, 60_000)

test.each([false, true])('a run that was stopped goes on bit by bit as if it had not been; mixed: %s', async (mixed) => {
  const plan = fineTuning({ mixed })
  const whole = await run(`whole-${mixed}`, plan)
  const controller = new AbortController()
  const stopped = await run(`part-${mixed}`, plan, {
    signal: controller.signal,
    onEvent: (event) => event.event === 'step' && event.step === 3 && controller.abort('SIGINT'),
  })
  expect(stopped.result).toMatchObject({ left: { _tag: 'Stopped' } })
  const again = await runPlan(plan, { resume: join(root, `part-${mixed}`), backend: 'cpu' })()
  expect([whole.result, again]).toMatchObject([{ _tag: 'Right' }, { _tag: 'Right' }])
  const [one, other] = [tensorsAt(`whole-${mixed}`, 6), tensorsAt(`part-${mixed}`, 6)]
  expect([...other.keys()]).toEqual([...one.keys()])
  for (const [name, { data }] of one) expect(other.get(name)!.data, name).toEqual(data)
})

test('threads make the same labels', async () => {
  await run('alone', fineTuning({ steps: 3 }))
  await run('threads', fineTuning({ steps: 3, workers: 2 }))
  const [one, other] = [tensorsAt('alone', 3), tensorsAt('threads', 3)]
  for (const [name, { data }] of one) expect(other.get(name)!.data, name).toEqual(data)
}, 60_000)

/** The same network in a pre-training with a head. */
const pretraining = () =>
  pipe(
    seen(2),
    network,
    projectionHead({ output: shared(12), hidden: 20, bottleneck: 8 }),
    emaTeacher(0.9),
    clsDistillation({ target: [center(0.9), sharpen(0.04)] }),
    adamw({ lr: 1e-3 }),
    train({ batch: 16, steps: 2, workers: 0 }),
  )

test('the backbone starts from a run; the classifier anew, or behind the first layer of its head', async () => {
  const { result } = await run('pre', pretraining())
  expect(result).toMatchObject({ _tag: 'Right' })
  const before = tensorsAt('pre', 2)
  const from = join(root, 'pre', 'checkpoints', 'step-00000002.safetensors')

  const plain = await run('plain', fineTuning({ from, lr: 0 }))
  expect(plain.result).toMatchObject({ _tag: 'Right' })
  for (const [name, { data }] of tensorsAt('plain', 6))
    if (name.startsWith('student.backbone.')) expect(data, name).toEqual(before.get(name.replace('student', 'teacher'))!.data)
  expect(plain.notes).toContain('not in it, so they start as without it: head.weight, head.bias')
  expect(plain.notes.join('\n')).toMatch(/in it, but not in this network: .*head\.mlp\.0\.weight/)

  const behind = await run('behind', fineTuning({ from, lr: 0, hidden: 20 }))
  expect(behind.notes).toContain('not in it, so they start as without it: head.cls_head.weight, head.cls_head.bias')
  expect(tensorsAt('behind', 6).get('student.head.mlp.0.weight')!.data).toEqual(before.get('teacher.head.mlp.0.weight')!.data)
})

test('a classifier of other classes in the file starts anew, and a run tells so', async () => {
  const backbone = [...tensorsAt('plain', 6)].flatMap(([name, entry]) =>
    name.startsWith('student.backbone.') ? [[name.slice('student.'.length), entry] as const] : [],
  )
  const head = ['head.weight', { dtype: 'F32', shape: [12, 16], data: new Float32Array(12 * 16) }] as const
  const from = join(root, 'other.safetensors')
  writeFileSync(from, serialize([...backbone, head]))
  const { result, notes } = await run('other', fineTuning({ from, lr: 0 }))
  expect(result).toMatchObject({ _tag: 'Right' })
  expect(notes).toContain('for other classes, so it starts anew: head.weight is [12, 16], not [6, 16]')
})
