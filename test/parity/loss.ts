/** Both losses over three successive calls: values, gradients, centres. */

import * as tf from '@tensorflow/tfjs-core'
import * as t from 'io-ts'
import { WHOLE } from '../../src/nn/across'
import { rowsOf } from '../../src/nn/rows'
import { center, clsDistillation, maskedImageModeling, sharpen } from '../../src/ops/all'
import { tokenWeightsOf } from '../../src/ops/loss/tokenWeights'
import type { DistillationLoss, StudentOutputs } from '../../src/ops/slots'
import { needed } from '../../src/ops/target/logits'
import { differentiate } from '../../src/program/differentiate'
import { type Check, gives, near } from './check'
import { described, type Fixture } from './fixture'
import { mask, tensor } from './layout'
import { built } from './ops'
import { temperature } from './temperature'

const Case = t.type({
  B: t.number,
  center_momentum: t.number,
  center_momentum2: t.number,
  epoch: t.number,
  lambda1: t.number,
  lambda2: t.number,
  mim_start_epoch: t.number,
  nepochs: t.number,
  ng: t.number,
  nl: t.number,
  out_dim: t.number,
  patch_out_dim: t.number,
  student_temp: t.number,
  teacher_temp: t.number,
  teacher_temp2: t.number,
  warmup_teacher_temp: t.number,
  warmup_teacher_temp2: t.number,
  warmup_teacher_temp_epochs: t.number,
})
type Case = t.TypeOf<typeof Case>
const Description = t.type({
  config: t.type({ cases: t.record(t.string, Case) }),
  expected: t.record(
    t.string,
    t.type({
      calls: t.array(t.type({ cls: t.number, patch: t.number, loss: t.number })),
      temp: t.number,
      temp2: t.number,
    }),
  ),
})

const STEPS_PER_EPOCH = 3

const lossesOf = (c: Case): readonly [cls: DistillationLoss, patch: DistillationLoss] => {
  const warm = (start: number, from: number, to: number) =>
    sharpen(temperature({ start, epochs: c.warmup_teacher_temp_epochs, from, to }))
  return [
    built(clsDistillation.spec, {
      weight: c.lambda1,
      studentTemperature: c.student_temp,
      target: [center(c.center_momentum), warm(0, c.warmup_teacher_temp, c.teacher_temp)],
    }),
    built(maskedImageModeling.spec, {
      weight: c.lambda2,
      studentTemperature: c.student_temp,
      target: [center(c.center_momentum2), warm(c.mim_start_epoch, c.warmup_teacher_temp2, c.teacher_temp2)],
    }),
  ]
}

/** The student's logits of a call, under the names of the fixture. */
const STUDENT = ['student_cls', 'student_patch', 'student_local_cls'] as const

const checkCase = (fixture: Fixture, name: string, c: Case, expected: t.TypeOf<typeof Description>['expected'][string]) => {
  const losses = lossesOf(c)
  const span = { batch: c.B, stepsPerEpoch: STEPS_PER_EPOCH, steps: c.nepochs * STEPS_PER_EPOCH }
  const step = c.epoch * STEPS_PER_EPOCH
  const temperatures = losses.map((loss) => loss.schedules.temperature!.at(span)(step))
  const at = losses.map((loss) => (number: string) => tf.scalar(loss.schedules[number]!.at(span)(step)))
  const centers = ['center', 'center2'] as const
  let state: Readonly<Record<string, tf.Tensor>> = {
    center: tf.zeros([1, c.out_dim]),
    center2: tf.zeros([1, 1, c.patch_out_dim]),
  }

  const call = (k: number): readonly Promise<Check>[] => {
    const prefix = `${name}/call${k}`
    const input = (tensorName: string) => tensor(fixture, `${prefix}/in/${tensorName}`)
    const teacher = {
      cls: input('teacher_cls') as tf.Tensor2D,
      patch: () => needed(input('teacher_patch'), WHOLE),
      views: c.ng,
      across: WHOLE,
    }
    const taught = losses.map((loss, i) => loss.teach(teacher, (own) => state[own]!, at[i]!))
    const masks = tf.concat(Array.from({ length: c.ng }, (_, view) => mask(fixture, `${prefix}/in/mask.${view}`)))
    const present = STUDENT.filter((one) => fixture.names.includes(`${prefix}/in/${one}`))
    const { value, kept, gradients } = differentiate(
      (leaves) => {
        const outputs: StudentOutputs = {
          across: WHOLE,
          cls: [leaves.student_cls, leaves.student_local_cls].flatMap((logits) =>
            logits === undefined ? [] : rowsOf(logits as tf.Tensor2D, logits.shape[0]! / c.B),
          ),
          patch: () => ({
            logits: tf.reshape(leaves.student_patch!, [-1, c.patch_out_dim]),
            tokenWeights: tf.reshape(tokenWeightsOf(masks as tf.Tensor2D), [-1]),
          }),
          pixels: none,
          labels: none,
        }
        const [cls, patch] = losses.map((loss, i) => loss.learn(taught[i]!.target, outputs, at[i]!, none))
        return { value: tf.add(cls!, patch!), kept: { cls: cls!, patch: patch! } }
      },
      Object.fromEntries(present.map((one) => [one, input(one)])),
    )
    state = Object.assign({}, ...taught.map((one) => one.state))
    const want = expected.calls[k]!
    const scalar = async (what: 'cls' | 'patch' | 'loss', got: tf.Tensor) =>
      near(`${prefix}/${what}`, await got.data(), [want[what]], fixture.tolerance('scalars'))
    const grads = present.filter((one) => fixture.names.includes(`${prefix}/grad/${one}`))
    return [
      scalar('cls', kept.cls!),
      scalar('patch', kept.patch!),
      scalar('loss', value),
      ...centers.map((one) => gives(fixture, `${prefix}/out/${one}`, state[one]!)),
      ...grads.map((one) => gives(fixture, `${prefix}/grad/${one}`, gradients[one] ?? tf.zerosLike(input(one)))),
    ]
  }
  return [
    near(`${name}/temperatures`, temperatures, [expected.temp, expected.temp2], { atol: 1e-12, rtol: 1e-12 }),
    ...expected.calls.flatMap((_, k) => call(k)),
  ]
}

/** What these losses don't ask for. */
const none = () => {
  throw new RangeError('a loss on logits asks for something else')
}

export const checkLoss = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, expected } = described(Description, fixture)
  return Promise.all(Object.entries(config.cases).flatMap(([name, c]) => checkCase(fixture, name, c, expected[name]!)))
}
