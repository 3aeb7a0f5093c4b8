import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlan } from '../../src/dsl/read'
import { opBody, opName } from '../../src/dsl/type'
import { type Imported, type ImportOptions, importFile } from '../../src/import/import'
import { OFFICIAL_DEFAULTS, type OfficialArgs } from '../../src/import/officialArgs'
import { optimizerNumbers, stepsFromSchedules } from '../../src/import/optimizer'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'
import { tensorsIn } from '../weights/fixtures'

const root = mkdtempSync(join(tmpdir(), 'optimizer-'))
afterAll(() => rmSync(root, { recursive: true }))
beforeAll(() => tf.setBackend('cpu'))

const right = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

const next = tensorsIn(join(__dirname, 'next.safetensors'))
const recorded = (optimizer: string, what: string): ReadonlyMap<string, Float32Array> =>
  new Map(
    [...next].flatMap(([name, { data }]) =>
      name.startsWith(`${optimizer}.${what}.`) ? [[name.slice(optimizer.length + what.length + 2), data as Float32Array]] : [],
    ),
  )

const take = (optimizer: string, options: Partial<ImportOptions> = {}): Promise<E.Either<unknown, Imported>> =>
  importFile(registry, join(__dirname, `${optimizer}.pth`), { out: join(root, optimizer), ...options })()

const MOMENT = { sgd: 'momentum_buffer', lars: 'mu' }

describe.each(['sgd', 'lars'] as const)('an official checkpoint of %s becomes a run', (optimizer) => {
  let made: Imported
  beforeAll(async () => {
    made = right(await take(optimizer))
  })
  const stateOf = () => tensorsIn(join(made.folder, 'checkpoints', 'step-00000006.safetensors'))
  const design = () => {
    const file = join(made.folder, 'resolved.yaml')
    return right(designOf(registry, right(readPlan(registry, file, readFileSync(file, 'utf8'))).plan))
  }

  it('at the step that its schedules were at, with heads that divide its width', () => {
    expect(made).toMatchObject({ kind: 'run', epoch: 2, step: 6, unexpected: [], heads: 3 })
    expect(made.guesses).toEqual(['3 attention heads, as vit_tiny, whose width is 192 and not 12'])
  })

  it('with the moments of every weight of the student, bit for bit', () => {
    const state = stateOf()
    const moments = recorded(optimizer, 'moment')
    expect(moments.size).toBeGreaterThan(20)
    for (const [name, values] of moments)
      expect([name, state.get(`optimizer.${name}.${MOMENT[optimizer]}`)?.data]).toEqual([name, values])
  })

  it('whose next step moves the weights as the official code did', () => {
    const state = stateOf()
    const whole = design()
    const span = right(spanOf(whole, { count: 12, channels: 3 }))
    const program = programOf(whole, span, 3)
    const numbers = program.numbers(6)
    const gradients = recorded(optimizer, 'gradient')
    for (const [name, want] of recorded(optimizer, 'weight')) {
      const { shape } = state.get(`student.${name}`)!
      const moved = tf.tidy(() => {
        const value = (full: string) => tf.tensor(state.get(full)!.data as Float32Array, [...shape])
        const at = (key: string) => tf.scalar(numbers[`${optimizer}.${key}`]!)
        return whole.optimizer.meaning
          .update(
            value(`student.${name}`),
            tf.tensor(gradients.get(name)!, [...shape]),
            (moment) => value(`optimizer.${name}.${moment}`),
            at,
            { decays: program.decays(name), last: name.includes('last_layer') },
          )
          .weight.dataSync() as Float32Array
      })
      const largest = Math.max(...want.map(Math.abs), 1e-3)
      const worst = Math.max(...moved.map((value, i) => Math.abs(value - want[i]!)))
      expect([name, worst / largest < 1e-5]).toEqual([name, true])
    }
  })

  it('and its pipeline names the optimizer, with the momentum in the checkpoint', () => {
    const { plan } = design()
    const op = plan.pipeline.find((one) => opName(one) === optimizer)!
    expect(opBody(op)).toMatchObject({ momentum: 0.9, clip: 0.3, freezeLastLayer: '1 epoch' })
  })
})

it('a checkpoint of DINO, which is no run of iBOT, gives the weights of its teacher and a pipeline with one head for both', async () => {
  const made = right(await take('dino'))
  expect(made).toMatchObject({ kind: 'weights', names: 'official', unexpected: [] })
  expect(made.notes[0]).toContain("it has no centres of iBOT's losses")
  expect(made.missing).toEqual(['backbone.masked_embed'])
  const text = readFileSync(join(made.folder, 'pipeline.yaml'), 'utf8')
  expect(text).toContain('output: { shared: { prototypes: 8 } }')
  const { data } = tensorsIn(join(made.folder, 'weights.safetensors')).get('backbone.norm.weight')!
  expect([...data]).toEqual(new Array(12).fill(1))
})

describe('the steps that an optimizer has done', () => {
  const cosine = (from: number, to: number, at: number, of: number) =>
    to + 0.5 * (from - to) * (1 + Math.cos((Math.PI * at) / of))
  /** Options of the first group after so many epochs, by the official utils.cosine_scheduler and numpy.linspace. */
  const optionsAfter = (args: OfficialArgs, done: number, perEpoch: number) => {
    const step = done * perEpoch - 1
    const rate = (args.lr * args.batch_size_per_gpu * args.world_size) / 256
    const warm = args.warmup_epochs * perEpoch
    return {
      lr: step < warm ? (rate * step) / (warm - 1) : cosine(rate, args.min_lr, step - warm, args.epochs * perEpoch - warm),
      weight_decay: cosine(args.weight_decay, args.weight_decay_end, step, args.epochs * perEpoch),
    }
  }
  const group = (options: Readonly<Record<string, number>>) => ({ groups: [{ weights: [], options }] })

  it('follow from the weight decay and the learning rate of the last one, whatever the length of an epoch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 800 }),
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 800 }),
        fc.boolean(),
        (epochs, perEpoch, at, isConstant) => {
          const done = Math.min(at, epochs)
          const args = {
            ...OFFICIAL_DEFAULTS,
            epochs,
            warmup_epochs: Math.min(10, epochs - 1),
            ...(isConstant ? { weight_decay_end: OFFICIAL_DEFAULTS.weight_decay } : {}),
          }
          const found = stepsFromSchedules(args, group(optionsAfter(args, done, perEpoch)), done)
          // The last step of the warm-up has the full rate, whatever its length.
          if (isConstant && done === args.warmup_epochs) return E.isLeft(found)
          // At the end of long runs the schedules hardly change any more: then it isn't told.
          return E.isRight(found) ? found.right === done * perEpoch : done === epochs
        },
      ),
      { numRuns: 500, seed: 1 },
    )
  })

  it("can't be told of numbers that no schedule has", () => {
    const found = stepsFromSchedules(OFFICIAL_DEFAULTS, group({ lr: 3, weight_decay: 7 }), 4)
    expect(E.isLeft(found) && found.left).toContain('the number of its steps is unknown')
  })
})

it('an optimizer with options that none here has is refused', () => {
  expect(optimizerNumbers({ groups: [{ weights: [], options: { momentum: 0.9, nesterov: true } }] })).toEqual(
    E.left('its optimizer has nesterov true, as no optimizer here has'),
  )
})
