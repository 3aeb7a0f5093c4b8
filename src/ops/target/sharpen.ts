import * as tf from '@tensorflow/tfjs-core'
import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { outside, scheduled } from '../schedule/kind'
import { distribution } from './kind'

export const sharpen = define(distribution)({
  name: 'sharpen',
  doc: 'A softmax at a low temperature: the lower, the nearer to one prototype a token.',
  equation: 'softmax(l / τ)',
  source: 'DINO (arXiv 2104.14294, §3.1); iBOT §3.2',
  fields: { temperature: required(scheduled, 'temperature τ of the teacher, > 0') },
  main: 'temperature',
  refine: ({ temperature }) => outside('temperature', temperature, (value) => value > 0, 'greater than 0'),
  build: ({ temperature }) => ({
    schedules: { temperature },
    divisible: true,
    apply: ({ rows }, at) => tf.softmax(tf.div(rows, at('temperature'))),
  }),
})
