/** Pictures as patches of pixels. */
import * as tf from '@tensorflow/tfjs-core'

/** Images [B, H, W, C] → their patches [B, N, side² · C], row by row, as are the pixels of each; sides are multiples of `side`. */
export const pixelsOf = (images: tf.Tensor4D, side: number): tf.Tensor3D => {
  const [batch, height, width, channels] = images.shape
  const [rows, columns] = [height / side, width / side]
  const patches = tf.transpose(tf.reshape(images, [batch * rows, side, columns, side * channels]), [0, 2, 1, 3])
  return tf.reshape(patches, [batch, rows * columns, side * side * channels])
}
