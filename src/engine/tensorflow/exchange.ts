/**
 * A run in which processes exchange values. What this process gives is fetched as soon as it is there, while TensorFlow goes on
 * with whatever doesn't wait for it, and what all of them have is fed when all of a stage is there: nothing is computed twice, and
 * gradients of the last layers travel while those of the first ones are computed. Whatever is lost on the way, nothing is assigned:
 * the next state waits for the last stage, which is fed as a whole.
 */

import type { Reduction } from '../../base/reduction'
import { elements } from '../../base/shape'
import { DTYPE } from '../../graph/dtype'
import type { Output, Pointer, TensorFlow } from '../../tensorflow/capi'
import type { Feeds, Session } from '../../tensorflow/session'
import { shapeOf, takeFloats, tensorOf } from '../../tensorflow/tensor'
import type { Collective } from '../collective'

/** Values that are reduced together. */
export interface Exchange {
  readonly reduction: Reduction
  readonly values: readonly { readonly given: Output; readonly reduced: Output }[]
}

/** Where the values of an exchange lie, one after another, while they are reduced; the next step finds them there. */
const rooms = new WeakMap<Exchange, Float32Array>()
const roomFor = (exchange: Exchange, length: number): Float32Array => {
  const before = rooms.get(exchange)
  if (before?.length === length) return before
  const room = new Float32Array(length)
  rooms.set(exchange, room)
  return room
}

/** Reduces tensors over all processes; gives what makes tensors of what comes of it. */
const reduced = async (
  tensorflow: TensorFlow,
  { allReduce }: Collective,
  exchange: Exchange,
  tensors: readonly Pointer[],
): Promise<() => Feeds> => {
  const shapes = tensors.map((tensor) => shapeOf(tensorflow, tensor))
  const lengths = shapes.map(elements)
  const all = roomFor(
    exchange,
    lengths.reduce((sum, length) => sum + length, 0),
  )
  let at = 0
  for (const tensor of tensors) {
    at += takeFloats(tensorflow, tensor, all, at)
    tensorflow.api.DeleteTensor(tensor)
  }
  await allReduce(all, exchange.reduction)
  return () => {
    let from = 0
    return exchange.values.map(({ reduced }, i) => {
      const own = all.subarray(from, from + lengths[i]!)
      from += lengths[i]!
      return [reduced, tensorOf(tensorflow, DTYPE.float32, shapes[i]!, own)] as const
    })
  }
}

/** What is fed at the beginning, fetched at the end and run besides. */
export interface ExchangingRun {
  readonly feeds: Feeds
  /** Fed as well; their tensors stay the caller's. */
  readonly kept: Feeds
  readonly fetches: readonly Output[]
  readonly targets: readonly Pointer[]
}

/** Runs what the outputs and targets need, with these exchanges on the way, stage by stage. */
export const exchanging = async (
  tensorflow: TensorFlow,
  session: Session,
  collective: Collective,
  { feeds, kept, fetches, targets }: ExchangingRun,
  stages: readonly (readonly Exchange[])[],
): Promise<readonly Pointer[]> => {
  const all = stages.flat().flatMap(({ values }) => values)
  const run = session.begin(
    [...feeds.map(([place]) => place), ...kept.map(([place]) => place), ...all.map(({ reduced }) => reduced)],
    [...all.map(({ given }) => given), ...fetches],
    targets,
  )
  try {
    run.feed(feeds, kept)
    for (const stage of stages) {
      const reducing: Promise<() => Feeds>[] = []
      for (const exchange of stage) {
        const tensors = await run.fetch(exchange.values.map(({ given }) => given))
        const one = reduced(tensorflow, collective, exchange, tensors)
        // Whoever waits for all of them is told.
        one.catch(() => undefined)
        reducing.push(one)
      }
      run.feed((await Promise.all(reducing)).flatMap((feeds) => feeds()))
    }
    return await run.fetch(fetches)
  } finally {
    run.end()
  }
}
