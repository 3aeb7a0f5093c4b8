/** From the layouts of the reference files to ours. */
import * as tf from '@tensorflow/tfjs-core'
import type { Fixture } from './fixture'

/** Images [B, C, H, W] of a fixture as [B, H, W, C]. */
export const images = (fixture: Fixture, name: string): tf.Tensor4D =>
  tf.transpose(tf.tensor4d(fixture.floats(name), fixture.shape(name) as [number, number, number, number]), [0, 2, 3, 1])

/** An array of a fixture as a tensor. */
export const tensor = (fixture: Fixture, name: string): tf.Tensor => tf.tensor(fixture.floats(name), [...fixture.shape(name)])

/** A mask [B, h, w] as [B, h · w]. */
export const mask = (fixture: Fixture, name: string): tf.Tensor2D => {
  const [batch, height, width] = fixture.shape(name) as [number, number, number]
  return tf.tensor2d(fixture.floats(name), [batch, height * width])
}
