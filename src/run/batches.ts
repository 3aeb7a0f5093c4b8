/** Batches: pictures become views, masks and draws. A batch is a pure function of its step, whatever was made before. */
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { defect, type Failure } from '../base/failure'
import { fillUniform, permutation } from '../base/random'
import { elements } from '../base/shape'
import { normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import type { BatchShape } from '../interpret/batch'
import type { Design } from '../interpret/design'
import { drawMask, drawView } from '../interpret/draws'
import type { HostBatch } from '../interpret/interpreter'
import type { Source } from '../io/source'
import { applyAll } from '../ops/augmentation/kind'
import type { Span } from '../ops/schedule/kind'

/** Which pictures a step sees: the epoch's permutation, batch by batch; what is left at its end is dropped. */
export const picturesOf = (seed: number, count: number, { stepsPerEpoch, batch }: Span): ((step: number) => Uint32Array) => {
  let known: { readonly epoch: number; readonly order: Uint32Array } | undefined
  return (step) => {
    const epoch = Math.floor(step / stepsPerEpoch)
    if (known?.epoch !== epoch) known = { epoch, order: permutation(count, seed, 'order', epoch) }
    const first = (step % stepsPerEpoch) * batch
    return known.order.subarray(first, first + batch)
  }
}

/** Makes the batch of any step; a picture that can't be read is a failure that names it. */
export const batches = (
  design: Design,
  source: Source,
  shape: BatchShape,
  span: Span,
): ((step: number) => Promise<E.Either<Failure, HostBatch>>) => {
  const { seed } = design.training.means
  const { mean, std } = design.views.means
  const write = normalizeInto(mean, std)
  const cells = shape.grid.height * shape.grid.width
  const indices = picturesOf(seed, source.count, span)
  // Local views fill one array after the other, each as many as its group holds.
  const places = viewPlaces(shape, span.batch)

  const fill = (batch: HostBatch, picture: Picture, image: number, slot: number, epoch: number): void => {
    const seen = { epoch, image }
    for (const [view, { array, index, length }] of places.entries()) {
      const target = array === undefined ? batch.global : batch.local[array]!
      write(target, (index * span.batch + slot) * length)(applyAll(drawView(design, seen, view, picture), picture))
    }
    if (batch.mask === undefined) return
    for (let view = 0; view < shape.views; view++)
      batch.mask.set(drawMask(design, seen, view, shape.grid)!, (view * span.batch + slot) * cells)
  }

  const make = async (step: number): Promise<E.Either<Failure, HostBatch>> => {
    const epoch = Math.floor(step / span.stepsPerEpoch)
    const batch: HostBatch = {
      global: new Float32Array(elements(shape.global)),
      local: shape.local.map((one) => new Float32Array(elements(one))),
      mask: shape.mask && new Float32Array(elements(shape.mask)),
      draws: Object.fromEntries(Object.entries(shape.draws).map(([name, one]) => [name, drawn(seed, step, name, elements(one))])),
    }
    const chosen = Array.from(indices(step))
    const pictures = await Promise.all(chosen.map((i) => source.read(i)))
    for (const [slot, picture] of pictures.entries()) {
      if (E.isLeft(picture)) return picture
      fill(batch, picture.right, chosen[slot]!, slot, epoch)
      // Whatever else waits gets its turn: signals, timers, the end of a step.
      await setImmediate()
    }
    return E.right(batch)
  }
  // A batch is made ahead, when nobody waits for it yet: it must not throw.
  return (step) => make(step).catch((error: unknown) => E.left(defect(error)))
}

const drawn = (seed: number, step: number, name: string, count: number): Float32Array =>
  // Rounded down: float32 would round the largest draws up to 1, which is not in [0, 1).
  fillUniform(new Float32Array(count), (draw) => Math.min(draw, 1 - 2 ** -24), seed, 'draws', step, name)

/** In which array of a batch a view stands (none: the global one), as the how-maniest, and how long it is. */
const viewPlaces = (shape: BatchShape, batch: number) => {
  const length = (one: readonly number[]): number => elements(one.slice(1))
  const global = Array.from({ length: shape.views }, (_, index) => ({ array: undefined, index, length: length(shape.global) }))
  const local = shape.local.flatMap((one, array) =>
    Array.from({ length: one[0] / batch }, (_, index) => ({ array, index, length: length(one) })),
  )
  return [...global, ...local]
}
