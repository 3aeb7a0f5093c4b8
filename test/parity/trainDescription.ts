/** What a training fixture's description holds, and how the two networks' tensors are found in a state. */
import * as t from 'io-ts'
import type { Program } from '../../src/program/program'
import { TrainConfig } from './trainPlan'

const numbers = t.record(t.string, t.number)
const Step = t.type({
  cls: t.number,
  patch: t.number,
  loss: t.number,
  lr: t.number,
  weight_decay: t.number,
  momentum: t.number,
  teacher_temp: t.number,
  teacher_patch_temp: t.number,
  n_clipped: t.number,
  n_params_with_grad: t.number,
  grad_norms_before_clip: numbers,
  student_param_l2_after_step: numbers,
  teacher_param_l2_after_step: numbers,
})
export type Step = t.TypeOf<typeof Step>
export const Description = t.type({
  config: TrainConfig,
  steps: t.array(Step),
  adam_step_count: numbers,
  names_common: t.array(t.string),
  student_only_names: t.array(t.string),
  teacher_only_names: t.array(t.string),
})
export type Description = t.TypeOf<typeof Description>

export const WHO = ['student', 'teacher'] as const
export type Who = (typeof WHO)[number]

/** The names of a network's tensors in a state. */
export const namesOf = (program: Program, who: Who): readonly string[] =>
  Object.keys(program.state).flatMap((name) => (name.startsWith(`${who}.`) ? [name.slice(who.length + 1)] : []))
