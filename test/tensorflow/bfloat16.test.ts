/** bfloat16 in a graph: what products give and take stays narrow on its way, with the values of the long way round. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { DTYPE } from '../../src/graph/dtype'
import { newGraph } from '../../src/graph/graph'
import type { Operation, Value } from '../../src/graph/operation'
import { affine } from '../../src/nn/linear'
import { newRecorder } from '../../src/record/recorder'
import type { TensorFlow } from '../../src/tensorflow/capi'
import { fusionsOf, NO_FUSIONS } from '../../src/tensorflow/fusions'
import { openSession } from '../../src/tensorflow/session'
import { floatsOf } from '../../src/tensorflow/tensor'
import { newTranslation } from '../../src/tensorflow/translate'
import { testLibrary, withoutTensorFlow } from '../engine'

const loaded = async (): Promise<TensorFlow> => (await testLibrary()).library

const floats = (count: number, name: string): Float32Array => Float32Array.from({ length: count }, random(0, name).normal)

const bfloat16 = (value: number): number => {
  const bits = new Uint32Array(Float32Array.of(value).buffer)
  bits[0]! += 0x7fff + ((bits[0]! >>> 16) & 1)
  bits[0]! &= 0xffff0000
  return new Float32Array(bits.buffer)[0]!
}

/** Records tfjs code in bfloat16 over one matrix [6, 4]. */
const recordedOf = (f: (x: tf.Tensor2D) => tf.Tensor) => {
  const graph = newGraph()
  const recorder = newRecorder(graph, { precision: 'bfloat16' })
  const x = graph.constant(DTYPE.float32, [6, 4], floats(24, 'x'))
  return recorder.record(() => tf.tidy(() => recorder.output(f(recorder.tensor(x) as tf.Tensor2D)) as never) as unknown as Value)
}
const run = async (result: Value, fusions = NO_FUSIONS) => {
  const tensorflow = await loaded()
  const translation = newTranslation(tensorflow, fusions)
  const session = openSession(translation.native, { threads: 0 })
  const [tensor] = await session.run([], [translation.output(result)])
  const values = floatsOf(tensorflow, tensor!)
  session.dispose()
  return values
}
/** The casts on the way to a value; others are recorded and never run. */
const casts = (result: Value): number => {
  const found = new Set<Operation>()
  const visit = ({ of }: Value): void => {
    if (found.has(of)) return
    found.add(of)
    of.inputs.forEach(visit)
  }
  visit(result)
  return [...found].filter(({ type }) => type === 'Cast').length
}

const moved = (y: tf.Tensor): tf.Tensor =>
  tf.concat([...tf.split(tf.transpose(tf.reshape(y, [3, 2, 4]), [1, 0, 2]), 2, 2)].reverse(), 2)

describe.skipIf(withoutTensorFlow !== undefined)(`bfloat16${withoutTensorFlow ?? ''}`, () => {
  test('what a product gives goes into the next one without a cast, however it is moved about', async () => {
    const w = floats(16, 'w')
    const made = recordedOf((x) => {
      const first = moved(tf.matMul(x, tf.tensor2d(w, [4, 4])))
      return tf.matMul(tf.reshape(first, [6, 4]), tf.tensor2d(w, [4, 4]))
    })
    // x, w, and the result: not what is between the products.
    expect(casts(made)).toBeLessThanOrEqual(4)
    const got = await run(made)
    const rounded = (values: ArrayLike<number>): Float32Array => Float32Array.from(values, bfloat16)
    await tf.setBackend('cpu')
    const expected = tf.tidy(() => {
      const x = tf.tensor2d(rounded(floats(24, 'x')), [6, 4])
      const matrix = tf.tensor2d(rounded(w), [4, 4])
      const first = moved(tf.tensor2d(rounded(tf.matMul(x, matrix).dataSync()), [6, 4]))
      return rounded(tf.matMul(tf.reshape(first, [6, 4]), matrix).dataSync())
    })
    expected.forEach((value, i) => void expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(0.008 * Math.abs(value) + 1e-3))
  })

  test('who needs float32 of what a product gave gets it', async () => {
    const made = recordedOf((x) => tf.sum(tf.square(tf.matMul(x, x, false, true))))
    const [got] = await run(made)
    await tf.setBackend('cpu')
    const expected = tf.tidy(() => {
      const x = tf.tensor2d(Float32Array.from(floats(24, 'x'), bfloat16), [6, 4])
      return tf.sum(tf.square(tf.matMul(x, x, false, true))).dataSync()[0]!
    })
    expect(Math.abs(got! / expected - 1)).toBeLessThan(0.01)
  })

  test('a value is rounded once, for all products that take it', () => {
    const made = recordedOf((x) => {
      const y = tf.exp(x)
      return tf.add(tf.matMul(y, y, true), tf.matMul(tf.reshape(y, [4, 6]), tf.reshape(y, [4, 6]), false, true))
    })
    // Of y; and of the two products, widened.
    expect(casts(made)).toBe(3)
  })

  test('a product with its bias is the same in one operation or in another', async () => {
    const [w, b] = [floats(20, 'w'), floats(5, 'b')]
    const layer = (x: tf.Tensor) => affine(x, tf.tensor2d(w, [5, 4]), tf.tensor1d(b))
    const [plain, fused] = [await run(recordedOf(layer)), await run(recordedOf(layer), await fusionsOf(await loaded(), 0))]
    expect(plain).toHaveLength(30)
    plain.forEach((value, i) => void expect(Math.abs(fused[i]! - value)).toBeLessThanOrEqual(0.016 * Math.abs(value) + 1e-3))
  })
})
