/** Augmentations: what makes a view of a picture. What was drawn is kept apart from how it is applied. */
import type { Random } from '../../base/random'
import { kind, oneOrMore, op, optional, probability } from '../../dsl/type'
import type { Size } from '../../image/crop'
import type { Canvas } from '../../image/kernel/canvas'
import type { Picture } from '../../image/picture'

export interface PictureShape {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
}

/** One thing to be done to a picture, all chances already taken. */
export interface Drawn {
  /** The op, and the numbers that were drawn for it. */
  readonly name: string
  readonly parameters: Readonly<Record<string, number | readonly number[] | string>>
  readonly apply: (picture: Picture) => Picture
  /** The same on a canvas, bit for bit but faster, where there is a kernel for it. */
  readonly paint?: ((canvas: Canvas) => void) | undefined
}

export interface Drawing {
  readonly steps: readonly Drawn[]
  /** What the picture will be like after them. */
  readonly shape: PictureShape
}

export interface Augmentation {
  /** The size that it makes, given the size before; undefined while that isn't fixed. */
  readonly size: (before: Size | undefined) => Size | undefined
  readonly draw: (draw: Random, shape: PictureShape) => Drawing
}

/** `p` on any augmentation is short for `sometimes` around it. */
export const augmentation = kind<Augmentation, never, { readonly p?: number }>()({
  name: 'augmentation',
  article: 'an augmentation',
  modifiers: {
    p: {
      field: optional(probability, 1, 'how likely it is applied'),
      wrap: (p, inner) => ({ sometimes: { p: p as number, augmentations: [inner] } }),
    },
  },
})

/** The type of a field that takes augmentations, which are applied in their order. */
export const augmentations = oneOrMore(op(augmentation))

/** Augmentations one after the other. */
export const inOrder = (parts: readonly Augmentation[]): Augmentation => ({
  size: (before) => parts.reduce<Size | undefined>((size, part) => part.size(size), before),
  draw: (draw, shape) =>
    parts.reduce<Drawing>(
      (drawing, part) => {
        const next = part.draw(draw, drawing.shape)
        return { steps: [...drawing.steps, ...next.steps], shape: next.shape }
      },
      { steps: [], shape },
    ),
})

/** An augmentation that keeps the size: one step whose parameters are drawn, or none. */
export const pointwise = (draw: (draw: Random, shape: PictureShape) => Drawn | undefined): Augmentation => ({
  size: (before) => before,
  draw: (random, shape) => {
    const step = draw(random, shape)
    return { steps: step === undefined ? [] : [step], shape }
  },
})

/** What comes of a picture when everything drawn is applied. */
export const applyAll = (steps: readonly Drawn[], picture: Picture): Picture => steps.reduce((p, step) => step.apply(p), picture)

/** Applies everything drawn to the picture on a canvas. */
export const paintAll = (steps: readonly Drawn[], canvas: Canvas): void => {
  for (const { apply, paint } of steps)
    if (paint === undefined) canvas.put(apply(canvas.picture()))
    else paint(canvas)
}

/** The size that any of several augmentations makes, if it is the same for all. */
export const commonSize = (parts: readonly Augmentation[], before: Size | undefined): Size | undefined => {
  const sizes = parts.map((part) => part.size(before))
  const first = sizes[0]
  return first !== undefined && sizes.every((size) => size !== undefined && size[0] === first[0] && size[1] === first[1])
    ? first
    : undefined
}
