/** The forward passes of a step: the teacher's over whole global views, the student's over masked and local ones. */
import * as tf from '@tensorflow/tfjs-core'
import type { Across } from '../nn/across'
import { type Context, evaluation } from '../nn/layer'
import { meanAcross } from '../nn/meanAcross'
import { pick, type RowIndices } from '../nn/pick'
import { pixelsOf } from '../nn/pixels'
import { rowsOf } from '../nn/rows'
import { tokenWeightsOf } from '../ops/loss/tokenWeights'
import type { StudentOutputs, TeacherOutputs } from '../ops/slots'
import { needed } from '../ops/target/logits'
import { type BatchShape, firstRows, rowsUnder, type TensorBatch } from './batch'
import type { Design } from './design'
import { forward, memory, type Network, type Networks } from './networks'
import type { Tensors } from './stateNames'

export interface Dense {
  /** Student logits, and the teacher's distributions, of all patches instead of the hidden ones. */
  readonly logits?: boolean
  /** The centre of patches from all their logits instead of the mean of what the last layer takes. */
  readonly mean?: boolean
  /** The last block's output projection and MLP for all tokens of the student. */
  readonly lastBlock?: boolean
}

/** The teacher's outputs, its new buffers, and the [CLS] tokens of its backbone for whole global views [V·B, width]. */
type Teach = (
  state: Tensors,
  batch: TensorBatch,
  across: Across,
) => { readonly outputs: TeacherOutputs; readonly state: Tensors; readonly features: tf.Tensor2D }

export interface Passes {
  /**
   * Which tokens' outputs a step uses under a mask [V·B, N], counted over [V·B, 1 + N]: all [CLS] tokens first, then the
   * hidden patches. Undefined for all tokens.
   */
  readonly rows: (mask: Float32Array | undefined) => Int32Array | undefined
  /** Undefined where no loss takes its targets from a teacher: there is none, or it follows and nobody asks it. */
  readonly teach: Teach | undefined
  /**
   * The student's outputs under weights by which a gradient may be taken, its new buffers, and the [CLS] tokens of its
   * backbone for the global views as it sees them, masked and in training mode [V·B, width].
   */
  readonly study: (
    state: Tensors,
    weights: Tensors | undefined,
    batch: TensorBatch,
    across: Across,
  ) => { readonly outputs: StudentOutputs; readonly updates: Tensors; readonly features: () => tf.Tensor2D }
}

export const passesOf = (design: Design, { student, teacher }: Networks, batch: BatchShape, dense: Dense): Passes => {
  const wantsPatches = design.losses.some(({ needs }) => needs.includes('logits.patch') || needs.includes('tokens.patch'))
  const tokens = 1 + batch.grid.height * batch.grid.width
  const globals = batch.global[0]
  const rows: Passes['rows'] = (mask) =>
    dense.logits === true && wantsPatches
      ? undefined
      : wantsPatches && mask !== undefined
        ? rowsUnder(mask, globals, tokens)
        : firstRows(globals, tokens)

  const teachBy =
    (teacher: Network): Teach =>
    (state, { global, rows }, across) => {
      const memo = memory('teacher', state)
      const context: Context = { training: true, draws: evaluation.draws, update: memo.update, across }
      // Where no loss asks for patches, only the [CLS] tokens are followed to the end.
      const all = wantsPatches || rows === undefined
      const { tokens: seen, last, ...pass } = forward(teacher, memo, global, undefined, all ? undefined : rows, context)
      const embedded = across.keep(pass.embedded)
      const features = embedded.shape[1]
      const unpicked = (all: tf.Tensor2D): tf.Tensor3D => tf.reshape(all, [globals, tokens, -1])
      const [cls, patches] = all
        ? tf.split(unpicked(embedded), [1, tokens - 1], 1).map((part) => tf.reshape(part, [-1, features]))
        : [embedded]
      const ofPatches = () => last.patch(patches!) as tf.Tensor2D
      const wide = (of: tf.Tensor2D): tf.Tensor =>
        // [CLS] rows are among those that are picked, and stand for nothing here.
        tf.concat([tf.zeros([globals, 1, of.shape[1]]), tf.reshape(of, [globals, tokens - 1, -1])], 1)
      return {
        outputs: {
          cls: across.keep(last.cls(cls!) as tf.Tensor2D),
          patch: () => ({
            rows: last.patch(pick(embedded, rows)) as tf.Tensor2D,
            across,
            mean: () =>
              dense.mean === true
                ? needed(ofPatches(), across).mean()
                : (last.patch(meanAcross(across, tf.mean(patches!, 0, true))) as tf.Tensor2D),
            all: ofPatches,
            choose: (of) => pick(wide(of), rows),
          }),
          views: batch.views,
          across,
        },
        state: memo.updates,
        features: pick(seen, tf.tensor1d(firstRows(globals, seen.rank === 3 ? tokens : 1), 'int32')),
      }
    }

  /** What each token counts in the loss on hidden patches, [CLS] nothing: [V·B, 1 + N, 1]. */
  const weightsUnder = (mask: tf.Tensor2D): tf.Tensor =>
    tf.expandDims(tf.concat([tf.zeros([globals, 1]), tokenWeightsOf(mask)], 1), 2)

  /** The student's pass under weights by which a gradient may be taken, and its new buffers. */
  const study: Passes['study'] = (state, weights, { global, local, mask, labels, rows, draws }, across) => {
    const memo = memory('student', state, weights)
    const context = (prefix: string): Context => ({
      training: true,
      across,
      update: memo.update,
      draws: (name) => {
        const drawn = draws[`${prefix}.${name}`]
        if (drawn === undefined) throw new RangeError(`the batch has no draws ${prefix}.${name}`)
        return drawn
      },
    })
    /** A pass over images whose tokens at some rows are wanted; `late` picks them after the last block. */
    const through = (images: tf.Tensor4D, hidden: tf.Tensor | undefined, wanted: RowIndices | undefined, prefix: string) => {
      const late = dense.lastBlock === true
      const pass = forward(student, memo, images, hidden, late ? undefined : wanted, context(prefix))
      const { tokens, embedded, last } = pass
      return {
        tokens: () => (tokens.rank === 3 ? pick(tokens, wanted) : tokens),
        embedded: late ? pick(embedded, wanted) : embedded,
        last,
      }
    }
    const whole = through(global, mask, rows, 'global')
    const first = firstRows(globals, rows === undefined ? tokens : 1)
    const ofCls = pick(whole.embedded, tf.tensor1d(first, 'int32'))
    const parts = local.map((images, i) => {
      const [count, height, width] = batch.local[i]!
      const { stride } = design.backbone.meaning
      const wanted = firstRows(count, 1 + (height / stride) * (width / stride))
      const { embedded, last } = through(images, undefined, tf.tensor1d(wanted, 'int32'), `local.${i}`)
      return last.cls(embedded) as tf.Tensor2D
    })
    const tokenWeights = () => tf.reshape(pick(weightsUnder(mask ?? tf.zeros([globals, tokens - 1])), rows), [-1]) as tf.Tensor1D
    const outputs: StudentOutputs = {
      across,
      cls: [whole.last.cls(ofCls) as tf.Tensor2D, ...parts].flatMap((logits) => rowsOf(logits, logits.shape[0] / batch.pictures)),
      patch: lazily(() => ({
        logits: whole.last.patch(whole.embedded) as tf.Tensor2D,
        tokenWeights: tokenWeights(),
      })),
      pixels: lazily(() => {
        const pixels = pixelsOf(global, design.backbone.meaning.stride)
        return {
          tokens: whole.tokens() as tf.Tensor2D,
          pixels: pick(tf.concat([tf.zeros([globals, 1, pixels.shape[2]]), pixels], 1), rows),
          tokenWeights: tokenWeights(),
        }
      }),
      labels: lazily(() => tf.oneHot(tf.cast(labels!, 'int32'), student.head.prototypes.cls) as tf.Tensor2D),
    }
    return { outputs, updates: memo.updates, features: () => pick(whole.tokens(), tf.tensor1d(first, 'int32')) }
  }

  const isAsked = design.losses.some(({ meaning }) => meaning.teach !== undefined)
  return { rows, teach: teacher !== undefined && isAsked ? teachBy(teacher) : undefined, study }
}

/** A value that is made when it is first asked for. */
const lazily = <A extends object>(make: () => A): (() => A) => {
  let made: A | undefined
  return () => {
    made ??= make()
    return made
  }
}
