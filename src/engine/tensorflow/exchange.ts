/**
 * A run in which processes exchange values. What this process gives is fetched as soon as it is there, while TensorFlow goes on
 * with whatever doesn't wait for it, and what all of them have is fed when it comes: nothing is computed twice, and gradients of
 * the last layers travel while those of the first ones are computed.
 */
import { DTYPE } from '../../graph/dtype'
import type { Reduction } from '../../nn/across'
import type { Output, Pointer, TensorFlow } from '../../tensorflow/capi'
import type { Feeds, Session } from '../../tensorflow/session'
import { floatsOf, shapeOf, tensorOf } from '../../tensorflow/tensor'
import type { Collective } from '../collective'
import { joined } from '../shares'

/** Values that are reduced together. */
export interface Exchange {
  readonly reduction: Reduction
  readonly values: readonly { readonly given: Output; readonly reduced: Output }[]
}

/** Reduces tensors over all processes; gives what is to be fed. */
const reduced = async (
  tensorflow: TensorFlow,
  { allReduce }: Collective,
  { reduction, values }: Exchange,
  tensors: readonly Pointer[],
): Promise<Feeds> => {
  const shapes = tensors.map((tensor) => shapeOf(tensorflow, tensor))
  const arrays = tensors.map((tensor) => floatsOf(tensorflow, tensor))
  for (const tensor of tensors) tensorflow.api.DeleteTensor(tensor)
  const all = joined(arrays)
  await allReduce(all, reduction)
  let at = 0
  return values.map(({ reduced }, i) => {
    const { length } = arrays[i]!
    const own = all.subarray(at, at + length)
    at += length
    return [reduced, tensorOf(tensorflow, DTYPE.float32, shapes[i]!, own)] as const
  })
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
      const fed: Promise<void>[] = []
      for (const exchange of stage) {
        const tensors = await run.fetch(exchange.values.map(({ given }) => given))
        const feeding = reduced(tensorflow, collective, exchange, tensors).then((fed) => run.feed(fed))
        // Whoever waits for all of them is told.
        feeding.catch(() => undefined)
        fed.push(feeding)
      }
      await Promise.all(fed)
    }
    return await run.fetch(fetches)
  } finally {
    run.end()
  }
}
