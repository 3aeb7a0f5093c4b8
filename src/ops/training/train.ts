import { stage } from '../../dsl/plan'
import { choice, integer, leaf, maybe, numberIn, optional, required } from '../../dsl/type'
import { trainingSlot } from '../slots'

const MOST_WORKERS = 128
const workerCount = leaf<'auto' | number>({
  name: 'workers',
  expected: `'auto' or an integer from 0 to ${MOST_WORKERS}`,
  schema: { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 0, maximum: MOST_WORKERS }] },
  read: (u) => (u === 'auto' || (typeof u === 'number' && Number.isInteger(u) && u >= 0 && u <= MOST_WORKERS) ? u : undefined),
})

const MOST_DEVICES = 1024
const deviceCount = leaf<'auto' | number>({
  name: 'devices',
  expected: `'auto' or an integer from 1 to ${MOST_DEVICES}`,
  schema: { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: MOST_DEVICES }] },
  read: (u) => (u === 'auto' || (typeof u === 'number' && Number.isInteger(u) && u >= 1 && u <= MOST_DEVICES) ? u : undefined),
})

/** The number nearest to another one that divides a whole. */
const nearestDivisor = (whole: number, wanted: number): number => {
  for (let away = 0; ; away++)
    for (const one of [wanted - away, wanted + away]) if (one >= 1 && one <= whole && whole % one === 0) return one
}

export const train = stage(trainingSlot)({
  name: 'train',
  doc: 'How long and with how many pictures a step the pipeline is trained.',
  needs: ['loss', 'optimizer'],
  gives: ['training'],
  example: { epochs: 100, batch: 256 },
  fields: {
    batch: required(integer(1, 1_000_000), 'pictures a step'),
    microBatch: maybe(
      integer(1, 1_000_000),
      'pictures that are computed at once, which divide the batch: a step then takes as much memory as they do, and learns what the whole batch teaches; by default all of it',
    ),
    epochs: maybe(integer(1, 1_000_000), 'passes over the pictures'),
    steps: maybe(integer(1, 1_000_000_000), 'steps; instead of epochs'),
    seed: optional(integer(0), 0, 'of all that is drawn at random; the same seed gives the same run'),
    repeatedAugmentation: optional(
      integer(1, 1000),
      1,
      'how often a picture comes in an epoch, one time after the other and augmented anew each time; an epoch keeps its length, and sees as many pictures fewer (arXiv 1901.09335)',
    ),
    precision: optional(
      choice('float32', 'bfloat16'),
      'float32',
      'of the products of matrices, on XLA and TensorFlow; weights, losses, softmax and norms are always float32',
    ),
    device: optional(
      choice('auto', 'cpu', 'gpu', 'tpu'),
      'auto',
      'what computes; auto: a GPU where there is one that XLA can use, else the processor',
    ),
    devices: optional(
      deviceCount,
      'auto',
      "how many of the machine's devices compute a step together, each a part of the batch, with the result that one would have; auto: as many as divide the batch, and one processor (XLA only)",
    ),
    workers: optional(
      workerCount,
      'auto',
      'threads that make batches ahead of the steps, the same ones whatever their number; 0: the main thread does; auto: one for each core but one, at most 8',
    ),
    timeout: optional(
      integer(5, 86_400),
      60,
      'seconds after which a process that trains with others and gives no sign, or keeps them waiting, is taken for lost (docs/scaling.md)',
    ),
    maxBad: optional(
      numberIn(0, 0.5),
      0.01,
      "share of the pictures that may be unreadable: each is listed in the run's damaged.jsonl and another one takes its place; more of them end the run",
    ),
    onCollapse: optional(
      choice('warn', 'stop'),
      'warn',
      'what is done when the monitors tell that the training has gone wrong (docs/monitors.md): warn and go on, or save and end with exit code 4',
    ),
  },
  exclusive: [['epochs', 'steps']],
  free: ['workers', 'maxBad', 'timeout'],
  refine: ({ epochs, steps, batch, microBatch = batch, devices }) => [
    ...(epochs === undefined && steps === undefined
      ? [{ path: [], message: 'how long? neither epochs nor steps is given', suggestion: "add 'epochs: 100' or 'steps: 1500'" }]
      : []),
    ...(batch % microBatch !== 0
      ? [
          {
            path: ['microBatch'],
            message: `a batch of ${batch} can't be divided into micro-batches of ${microBatch}`,
            suggestion: `take a number that divides it, such as ${nearestDivisor(batch, microBatch)}`,
          },
        ]
      : []),
    ...(typeof devices === 'number' && microBatch % devices !== 0
      ? [
          {
            path: ['devices'],
            message: `${microBatch} pictures can't be shared out evenly among ${devices} devices`,
            suggestion: `take a number that divides the ${microBatch < batch ? 'micro-batch' : 'batch'}, or 'auto'`,
          },
        ]
      : []),
  ],
  build: ({ epochs, steps, ...meaning }) => ({
    ...meaning,
    length: steps === undefined ? { epochs: epochs ?? 1 } : { steps },
  }),
})
