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

/** The op that something is done by, and the numbers that were drawn for it. */
export interface Told {
  readonly name: string
  readonly parameters: Readonly<Record<string, number | readonly number[] | string>>
}

/** One thing to be done to a picture, all chances already taken. */
export interface Drawn extends Told {
  readonly apply: (picture: Picture) => Picture
  /** The same on a canvas, bit for bit but faster, where there is a kernel for it. */
  readonly paint?: ((canvas: Canvas) => void) | undefined
}

/** One thing to be done, in place, to a picture that is normalised already: height × width × channels numbers. */
export interface Finish extends Told {
  readonly apply: (values: Float32Array, shape: PictureShape) => void
}

export interface Drawing {
  readonly steps: readonly Drawn[]
  /** What is done after all steps, to the normalised picture. */
  readonly finish?: readonly Finish[] | undefined
  /** What the picture will be like after them. */
  readonly shape: PictureShape
}

/**
 * Whether an augmentation does something to the normalised picture: that only, or after all that it does to the picture itself;
 * `misplaced`: before some of that, which can't be.
 */
export type Finishes = 'only' | 'also' | 'misplaced' | undefined

export interface Augmentation {
  /** The size that it makes, given the size before; undefined while that isn't fixed. */
  readonly size: (before: Size | undefined) => Size | undefined
  readonly draw: (draw: Random, shape: PictureShape) => Drawing
  readonly finishes?: Finishes
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

const finishesInOrder = (parts: readonly Augmentation[]): Finishes =>
  parts
    .map(({ finishes }) => finishes)
    .slice(1)
    .reduce((before, next) => {
      if (before === 'misplaced' || next === 'misplaced') return 'misplaced'
      if (before === undefined) return next && 'also'
      return next === 'only' ? before : 'misplaced'
    }, parts[0]?.finishes)

/** Whether one of several augmentations does. */
export const finishesOneOf = (parts: readonly Augmentation[]): Finishes => {
  const all = parts.map(({ finishes }) => finishes)
  return all.includes('misplaced') ? 'misplaced' : all.every((one) => one === all[0]) ? all[0] : 'also'
}

/** Augmentations one after the other. */
export const inOrder = (parts: readonly Augmentation[]): Augmentation => ({
  size: (before) => parts.reduce<Size | undefined>((size, part) => part.size(size), before),
  finishes: finishesInOrder(parts),
  draw: (draw, shape) =>
    parts.reduce<Drawing>(
      (drawing, part) => {
        const next = part.draw(draw, drawing.shape)
        return {
          steps: [...drawing.steps, ...next.steps],
          finish: [...(drawing.finish ?? []), ...(next.finish ?? [])],
          shape: next.shape,
        }
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

/** Applies everything drawn for the normalised picture that begins at `offset`, in place. */
export const finishAll = ({ finish = [], shape }: Drawing, target: Float32Array, offset: number): void => {
  if (finish.length === 0) return
  const values = target.subarray(offset, offset + shape.height * shape.width * shape.channels)
  for (const { apply } of finish) apply(values, shape)
}

/** The size that any of several augmentations makes, if it is the same for all. */
export const commonSize = (parts: readonly Augmentation[], before: Size | undefined): Size | undefined => {
  const sizes = parts.map((part) => part.size(before))
  const first = sizes[0]
  return first !== undefined && sizes.every((size) => size !== undefined && size[0] === first[0] && size[1] === first[1])
    ? first
    : undefined
}
