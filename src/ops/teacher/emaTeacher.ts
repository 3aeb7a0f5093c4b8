import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { op, optional } from '../../dsl/type'
import { outside, schedule } from '../schedule/kind'
import { teacherSlot } from '../slots'

export const emaTeacher = stage(teacherSlot)({
  name: 'emaTeacher',
  doc: "The teacher (online tokenizer): starts as the student and follows it as an exponential moving average, after each optimizer step; no gradient reaches it. Momentum 1 freezes it, 0 makes it the student's copy. Losses that distil need one; where there is one, it is what is measured and exported. Its forward pass is computed only if a loss takes targets from it; beside a classifier it is the average of the weights that fine-tuning recipes call EMA.",
  equation: 'θ_teacher ← m · θ_teacher + (1 - m) · θ_student',
  source: 'iBOT §3.1; momentum_teacher of the reference implementation',
  needs: ['tokens.cls', 'tokens.patch'],
  gives: ['teacher'],
  fields: {
    momentum: optional(
      op(schedule),
      { cosine: { from: 0.996, to: 1 } } as never,
      'share of the old teacher that is kept at each step',
    ),
  },
  main: 'momentum',
  refine: ({ momentum }) => outside('momentum', momentum, (value) => value >= 0 && value <= 1, 'from 0 to 1'),
  build: ({ momentum }) => ({
    schedules: { momentum },
    update: (teacher, student, at) => tf.add(tf.mul(teacher, at('momentum')), tf.mul(student, tf.sub(1, at('momentum')))),
  }),
})
