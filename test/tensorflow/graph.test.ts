/** A graph as text: what tfjs code becomes, line by line. */
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { stepOperations } from '../../src/engine/graph/stepOperations'
import { DTYPE } from '../../src/tensorflow/dtype'
import { newGraph, output } from '../../src/tensorflow/graph'
import { operationsOf } from '../../src/tensorflow/operations'
import { printed } from '../../src/tensorflow/printed'
import { newRecorder } from '../../src/tensorflow/recorder'
import { variable } from '../../src/tensorflow/variable'
import { testRecorder, withoutTensorFlow } from '../engine'
import { small } from '../program/small'

const loaded = async () => (await testRecorder()).recording

describe.skipIf(withoutTensorFlow !== undefined)(`a recorded graph${withoutTensorFlow ?? ''}`, () => {
  test('prints what was recorded, by name and by number', async () => {
    const graph = newGraph(await loaded())
    const recorder = newRecorder(graph)
    const weight = variable(graph, 'weight', [2, 3])
    const rows = graph.placeholder('rows', DTYPE.float32, [4, 2])
    recorder.record(() =>
      tf.tidy(() => {
        const loss = (w: tf.Tensor) => tf.sum(tf.square(tf.matMul(recorder.tensor(rows) as tf.Tensor2D, w as tf.Tensor2D)))
        const gradient = tf.grad(loss)(recorder.tensor(weight.value))
        weight.assign(recorder.output(tf.sub(recorder.tensor(weight.value), tf.mul(gradient, 0.1))))
      }),
    )
    const text = printed(operationsOf(graph))
    graph.dispose()
    expect(text).toMatchInlineSnapshot(`
      "weight = VarHandleOp : float32[2, 3]
      weight/initial = Placeholder : float32[2, 3]
      AssignVariableOp(weight, weight/initial)
      DestroyResourceOp(weight)
      rows = Placeholder : float32[4, 2]
      %0 = Reshape(rows, [4, 2]) : float32[4, 2]
      %1 = Reshape(weight, [2, 3]) : float32[2, 3]
      %2 = MatMul(%0, %1) : float32[4, 3]
      %3 = Square(%2) : float32[4, 3]
      %4 = Sum(%3, [0, 1]) : float32[]
      %5 = Reshape(1.0, [1, 1]) : float32[1, 1]
      %6 = Const(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, …) : float32[4, 3]
      %7 = Mul(%5, %6) : float32[4, 3]
      %8 = Cast(%2) : float32[4, 3]
      %9 = Mul(%8, 2.0) : float32[4, 3]
      %10 = Mul(%7, %9) : float32[4, 3]
      %11 = Reshape(rows, [4, 2]) : float32[4, 2]
      %12 = Reshape(%10, [4, 3]) : float32[4, 3]
      %13 = MatMul(%11, %12) transpose_a=true : float32[2, 3]
      %14 = Mul(%13, 0.1) : float32[2, 3]
      %15 = Sub(weight, %14) : float32[2, 3]
      AssignVariableOp(weight, %15)

      18 operations: 5 Reshape, 4 Mul, 2 AssignVariableOp, 2 MatMul, 1 Cast, 1 DestroyResourceOp, 1 Square, 1 Sub, 1 Sum
      1 variable of 6 values, inputs weight/initial, rows"
    `)
  })

  test('prints unknown dimensions, several outputs, and constants too large for a line', async () => {
    const graph = newGraph(await loaded())
    const x = graph.placeholder('x', DTYPE.float32, [-1, 4])
    const table = graph.constant(
      DTYPE.int32,
      [9],
      Int32Array.from({ length: 9 }, (_, i) => i),
    )
    const axis = graph.constant(DTYPE.int32, [], Int32Array.of(1))
    const halves = graph.node('Split', [axis, x], { attributes: { num_split: { int: 2 }, T: { type: DTYPE.float32 } } })
    graph.node('Neg', [output(halves, 1)], { attributes: { T: { type: DTYPE.float32 } }, name: 'negative' })
    graph.node('Identity', [table], { attributes: { T: { type: DTYPE.int32 } } })
    const text = printed(operationsOf(graph))
    graph.dispose()
    expect(text).toMatchInlineSnapshot(`
      "x = Placeholder : float32[?, 4]
      %0 = Const(0, 1, 2, 3, 4, 5, 6, 7, …) : int32[9]
      %1 = Split(1, x) num_split=2 : float32[?, 2], float32[?, 2]
      negative = Neg(%1:1) : float32[?, 2]
      %2 = Identity(%0) : int32[9]

      3 operations: 1 Identity, 1 Neg, 1 Split
      0 variables of 0 values, inputs x"
    `)
  })

  test('of a pipeline is the same text every time', async () => {
    const tensorflow = await loaded()
    const text = async () => printed(await stepOperations(tensorflow, small()))
    const first = await text()
    expect(first).toMatch(/^student\.backbone\.cls_token = VarHandleOp : float32\[1, 1, 12\]$/m)
    expect(first).toMatch(/^rows = Placeholder : int32\[\?\]$/m)
    expect(first).toMatch(/^metrics\/loss = Identity\(%\d+\) : float32\[\]$/m)
    expect(first).not.toMatch(/undefined|initial/)
    expect(await text()).toBe(first)
  })
})
