/** Student and teacher: a backbone and a head each, and how they read the state during a pass. */
import * as tf from '@tensorflow/tfjs-core'
import type { Head, Logits } from '../nn/head'
import type { Context, WeightSpecs, Weights } from '../nn/layer'
import type { Vit } from '../nn/vit'
import type { Design } from './design'
import { BACKBONE, below, HEAD, type Tensors } from './names'

export interface Network {
  readonly backbone: Vit
  readonly head: Head
  /** By the names of the official checkpoint: `backbone.…`, `head.…`. */
  readonly weights: WeightSpecs
  readonly buffers: WeightSpecs
}

const network = (backbone: Vit, embeddings: WeightSpecs, head: Head): Network => ({
  backbone,
  head,
  weights: { ...below(BACKBONE, embeddings), ...below(HEAD, head.weights) },
  buffers: below(HEAD, head.buffers),
})

/** The two networks of a design, for pictures of so many channels. Only a student that is masked has a mask embedding. */
export const networksOf = (design: Design, channels: 1 | 3): { readonly student: Network; readonly teacher: Network } => {
  const { backbone, head, masking, sizes } = design
  const input = { channels, size: sizes[0]![0] }
  const student = backbone.means.student(input)
  const teacher = backbone.means.teacher(input)
  const { width } = backbone.means
  return {
    student: network(student, masking === undefined ? student.weights : student.maskedWeights, head.means.student(width)),
    teacher: network(teacher, teacher.weights, head.means.teacher(width)),
  }
}

/** Reads the state of one network during a pass, and keeps its new buffers: they are read as they were last updated. */
export interface Memory {
  readonly updates: Readonly<Record<string, tf.Tensor>>
  readonly part: (name: string) => Weights
  readonly update: Context['update']
}

/** `weights` take the place of those in the state: a gradient is taken by them. */
export const memory = (prefix: string, state: Tensors, weights: Tensors = {}): Memory => {
  const updates: Record<string, tf.Tensor> = {}
  const read: Weights = (name) => {
    const full = `${prefix}.${name}`
    const value = updates[full] ?? weights[name] ?? state[full]
    if (value === undefined) throw new RangeError(`the state has no ${full}`)
    return value
  }
  return {
    updates,
    part:
      (name: string): Weights =>
      (inner) =>
        read(`${name}.${inner}`),
    update: (name, value) => {
      updates[`${prefix}.${HEAD}.${name}`] = value
    },
  }
}

/** Images [B, H, W, C] → logits; those of patches only where they are wanted, else there are none of them. */
export const forward = (
  { backbone, head }: Network,
  memo: Memory,
  images: tf.Tensor4D,
  mask: tf.Tensor | undefined,
  context: Context,
  wantsPatches: boolean,
): Logits => {
  const tokens = backbone.tokens(memo.part(BACKBONE), images, mask, context)
  if (wantsPatches) return head.apply(memo.part(HEAD), tokens, context)
  return { cls: head.cls(memo.part(HEAD), tokens, context), patch: tf.zeros([tokens.shape[0], 0, head.prototypes.patch]) }
}
