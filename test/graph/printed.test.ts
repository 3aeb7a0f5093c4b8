/** A graph as text: what tfjs code becomes, line by line. */
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { stepOperations } from '../../src/engine/record/stepOperations'
import { DTYPE } from '../../src/graph/dtype'
import { newGraph } from '../../src/graph/graph'
import { output } from '../../src/graph/operation'
import { printed } from '../../src/graph/printed'
import { newRecorder } from '../../src/record/recorder'
import { small } from '../program/small'

describe('a recorded graph', () => {
  test('prints what was recorded, by name and by number', () => {
    const graph = newGraph()
    const recorder = newRecorder(graph)
    const weight = graph.variable('weight', [2, 3])
    const rows = graph.placeholder('rows', DTYPE.float32, [4, 2])
    const passed = graph.placeholder('passed', DTYPE.bool, [])
    recorder.record(() =>
      tf.tidy(() => {
        const loss = (w: tf.Tensor) => tf.sum(tf.square(tf.matMul(recorder.tensor(rows) as tf.Tensor2D, w as tf.Tensor2D)))
        const gradient = tf.grad(loss)(recorder.tensor(weight))
        graph.add('Assign', [weight, recorder.output(tf.sub(recorder.tensor(weight), tf.mul(gradient, 0.1))), passed])
      }),
    )
    const text = printed(graph.operations)
    expect(text).toMatchInlineSnapshot(`
      "weight = Variable : float32[2, 3]
      rows = Placeholder : float32[4, 2]
      passed = Placeholder : bool[]
      %0 = Reshape(rows, [4, 2]) : float32[4, 2]
      %1 = Reshape(weight, [2, 3]) : float32[2, 3]
      %2 = MatMul(%0, %1) : float32[4, 3]
      %3 = Square(%2) : float32[4, 3]
      %4 = Sum(%3, [0, 1]) : float32[]
      %5 = Reshape(1.0, [1, 1]) : float32[1, 1]
      %6 = Fill([4, 3], 1.0) : float32[4, 3]
      %7 = Mul(%5, %6) : float32[4, 3]
      %8 = Cast(%2) : float32[4, 3]
      %9 = Mul(%8, 2.0) : float32[4, 3]
      %10 = Mul(%7, %9) : float32[4, 3]
      %11 = Reshape(rows, [4, 2]) : float32[4, 2]
      %12 = Reshape(%10, [4, 3]) : float32[4, 3]
      %13 = MatMul(%11, %12) transpose_a=true : float32[2, 3]
      %14 = Mul(%13, 0.1) : float32[2, 3]
      %15 = Sub(weight, %14) : float32[2, 3]
      Assign(weight, %15, passed)

      17 operations: 5 Reshape, 4 Mul, 2 MatMul, 1 Assign, 1 Cast, 1 Fill, 1 Square, 1 Sub, 1 Sum
      1 variable of 6 values, inputs rows, passed"
    `)
  })

  test('prints unknown dimensions, several outputs, and constants too large for a line', () => {
    const graph = newGraph()
    const x = graph.placeholder('x', DTYPE.float32, [-1, 4])
    const table = graph.constant(
      DTYPE.int32,
      [9],
      Int32Array.from({ length: 9 }, (_, i) => i),
    )
    const axis = graph.constant(DTYPE.int32, [], Int32Array.of(1))
    const sizes = graph.constant(DTYPE.int32, [2], Int32Array.of(2, 2))
    const halves = graph.add('SplitV', [x, sizes, axis], { num_split: { int: 2 } })
    graph.add('Neg', [output(halves, 1)], {}, 'negative')
    graph.add('Identity', [table])
    const text = printed(graph.operations)
    expect(text).toMatchInlineSnapshot(`
      "x = Placeholder : float32[?, 4]
      %0 = Const(0, 1, 2, 3, 4, 5, 6, 7, …) : int32[9]
      %1 = SplitV(x, [2, 2], 1) num_split=2 : float32[?, 2], float32[?, 2]
      negative = Neg(%1:1) : float32[?, 2]
      %2 = Identity(%0) : int32[9]

      3 operations: 1 Identity, 1 Neg, 1 SplitV
      0 variables of 0 values, inputs x"
    `)
  })

  test('of a pipeline is the same text every time', () => {
    const text = () => printed(stepOperations(small()))
    const first = text()
    expect(first).toMatch(/^student\.backbone\.cls_token = Variable : float32\[1, 1, 12\]$/m)
    expect(first).toMatch(/^rows = Placeholder : int32\[\?\]$/m)
    expect(first).toMatch(/^metrics\/loss = Identity\(%\d+\) : float32\[\]$/m)
    expect(first).not.toMatch(/undefined|initial/)
    expect(text()).toBe(first)
  })
})
