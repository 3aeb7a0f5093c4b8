/** Batches: pictures become views, masks, labels and draws. A batch is a pure function of its step, whoever makes which part of it. */
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { defect, type Failure, isLasting, type Lasting } from '../base/failure'
import { fillUniformFrom, permutation, random } from '../base/random'
import { elements } from '../base/shape'
import type { HostBatch } from '../engine/interpreter'
import type { Picture } from '../image/picture'
import type { Source } from '../io/source'
import type { Span } from '../ops/schedule/kind'
import type { BatchShape } from '../program/batch'
import { type Division, sharesOf, slotsOf } from '../program/division'
import { type Chances, drawMask, drawView, type Occurrence } from '../program/draws'
import { batchIn } from './batchArrays'
import { type Damaged, mostDamaged } from './damaged'
import { putting } from './put'

/** Which pictures an epoch sees, and how often each. */
export interface Order {
  readonly seed: number
  readonly repeatedAugmentation: number
}

/** Which pictures a step sees: the epoch's permutation, each as often as it is repeated, batch by batch; what is left is dropped. */
export const occurrencesOf = (
  { seed, repeatedAugmentation }: Order,
  count: number,
  { stepsPerEpoch, batch }: Span,
): ((step: number) => readonly Required<Occurrence>[]) => {
  let known: { readonly epoch: number; readonly order: Uint32Array } | undefined
  return (step) => {
    const epoch = Math.floor(step / stepsPerEpoch)
    if (known?.epoch !== epoch) known = { epoch, order: permutation(count, seed, 'order', epoch) }
    const { order } = known
    const first = (step % stepsPerEpoch) * batch
    return Array.from({ length: batch }, (_, slot) => ({
      epoch,
      image: order[Math.floor((first + slot) / repeatedAugmentation)]!,
      repeat: (first + slot) % repeatedAugmentation,
    }))
  }
}

/** Some pictures of a share of a step's batch: those in its places from `from` up to, not including, `to`. */
export interface Part {
  readonly step: number
  /** Counted over all processes; 0 where the batch isn't divided. */
  readonly share: number
  readonly from: number
  readonly to: number
}

/**
 * Makes a part of a share in the memory of a share; gives the damaged pictures that it met. The part with the first place
 * makes the draws, too.
 */
export type Fill<Memory extends ArrayBufferLike = SharedArrayBuffer> = (
  part: Part,
  memory: Memory,
) => Promise<E.Either<Failure, readonly Damaged[]>>

export interface FillChances extends Chances {
  readonly training: { readonly meaning: Order & { readonly maxBad: number } }
  /** Whether pictures of a batch are mixed with one another. */
  readonly mixing?: unknown
}

/** What shares are made of. */
export interface Making {
  /** Of a share. */
  readonly shape: BatchShape
  readonly division: Division
  readonly span: Span
}

/** What stands in a slot of a batch. */
export interface Readable {
  /** Its number; that of the picture that belongs there where none could be read. */
  readonly image: number
  readonly picture: Picture | undefined
  /** Those that were met before it and can't be read, in this order. */
  readonly damaged: ReadonlyMap<number, Lasting>
}

/** Reads the picture of a slot or, where it can't be read, the first that can of those drawn for the slot; none after more than `maxBad` allows. */
export const reading = ({ seed, maxBad }: { readonly seed: number; readonly maxBad: number }, source: Source) => {
  const most = mostDamaged(maxBad, source.count)
  return async (step: number, slot: number, first: number): Promise<E.Either<Failure, Readable>> => {
    const draw = random(seed, 'replacement', step, slot)
    const damaged = new Map<number, Lasting>()
    for (let image = first; damaged.size <= most; image = draw.integer(source.count)) {
      const picture = await source.read(image)
      if (E.isRight(picture)) return E.right({ image, picture: picture.right, damaged })
      if (!isLasting(picture.left)) return picture
      damaged.set(image, picture.left)
    }
    return E.right({ image: first, picture: undefined, damaged })
  }
}

/**
 * What makes batches in this thread, in any memory, picture by picture. In the place of one that can't be read comes the first that can
 * of those drawn for its slot. When more than may be were met for one slot, the part is left as it is.
 */
export const filling = (chances: FillChances, source: Source, { shape, division, span }: Making): Fill<ArrayBufferLike> => {
  const { seed } = chances.training.meaning
  const readable = reading(chances.training.meaning, source)
  const { mean, std } = chances.views.meaning
  const put = putting(mean, std)
  const cells = shape.grid.height * shape.grid.width
  const occurrences = occurrencesOf(chances.training.meaning, source.count, span)
  // Local views fill one array after the other, each as many as its group holds.
  const { pictures } = division
  const places = viewPlaces(shape, pictures)
  const slots = slotsOf(division, chances.mixing !== undefined)
  const whole = pictures * sharesOf(division)

  const putAll = (batch: HostBatch, picture: Picture, seen: Occurrence, place: number): void => {
    for (const [view, { array, index, length }] of places.entries()) {
      const target = array === undefined ? batch.global : batch.local[array]!
      put(picture, drawView(chances, seen, view, picture), target, (index * pictures + place) * length)
    }
    if (batch.labels !== undefined) batch.labels[place] = source.label(seen.image)!
    if (batch.mask === undefined) return
    for (let view = 0; view < shape.views; view++)
      batch.mask.set(drawMask(chances, seen, view, shape.grid)!, (view * pictures + place) * cells)
  }

  const fill: Fill<ArrayBufferLike> = async ({ step, share, from, to }, memory) => {
    const batch = batchIn(memory, shape)
    const mine = slots(share)
    if (from === 0)
      for (const [name, values] of Object.entries(batch.draws))
        drawInto(values, shape.draws[name]!, mine, whole, seed, step, name)
    const chosen = occurrences(step)
    const met: Damaged[] = []
    for (let place = from; place < to; place++) {
      const slot = mine[place]!
      const found = await readable(step, slot, chosen[slot]!.image)
      if (E.isLeft(found)) return found
      const { image, picture, damaged } = found.right
      for (const [bad, { message }] of damaged) met.push({ image: bad, reason: message })
      if (picture === undefined) break
      putAll(batch, picture, { ...chosen[slot]!, image }, place)
      // Whatever else waits gets its turn: signals, timers, the end of a step.
      await setImmediate()
    }
    return E.right(met)
  }
  // A batch is made ahead, when nobody waits for it yet: it must not throw.
  return (part, memory) => fill(part, memory).catch((error: unknown) => E.left(defect(error)))
}

/** Rounded down: float32 would round the largest draws up to 1, which is not in [0, 1). */
const below1 = (draw: number): number => Math.min(draw, 1 - 2 ** -24)

/** The draws of a share's pictures, which are those that they have in the whole batch: [views · pictures, …], view by view. */
const drawInto = (
  values: Float32Array,
  shape: readonly number[],
  slots: readonly number[],
  whole: number,
  ...[seed, step, name]: readonly [number, number, string]
): void => {
  const length = elements(shape.slice(1))
  for (let view = 0; view < shape[0]! / slots.length; view++)
    for (let place = 0; place < slots.length; ) {
      // Pictures that follow one another in the batch are drawn for in one go.
      let count = 1
      while (slots[place + count] === slots[place]! + count) count++
      const to = (view * slots.length + place) * length
      const from = (view * whole + slots[place]!) * length
      fillUniformFrom(values.subarray(to, to + count * length), from, below1, seed, 'draws', step, name)
      place += count
    }
}

/** In which array of a batch a view stands (none: the global one), as the how-maniest, and how long it is. */
const viewPlaces = (shape: BatchShape, batch: number) => {
  const length = (one: readonly number[]): number => elements(one.slice(1))
  const global = Array.from({ length: shape.views }, (_, index) => ({ array: undefined, index, length: length(shape.global) }))
  const local = shape.local.flatMap((one, array) =>
    Array.from({ length: one[0] / batch }, (_, index) => ({ array, index, length: length(one) })),
  )
  return [...global, ...local]
}
