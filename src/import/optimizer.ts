/** What a checkpoint's optimizer tells: numbers that no argument sets, and how many steps it has done. */
import * as E from 'fp-ts/Either'
import type { OptimizerState } from '../io/torch/official'
import type { Plain } from '../io/torch/plain'
import type { OfficialArgs } from './officialArgs'

/** The official code leaves them as they are; a checkpoint holds what they were. */
export interface OptimizerNumbers {
  readonly momentum?: number | undefined
  readonly eta?: number | undefined
  readonly betas?: { readonly first: number; readonly second: number } | undefined
  readonly eps?: number | undefined
}

/** Options of PyTorch's optimizers, which the official code doesn't use, and what they are without them. */
const UNUSED: Readonly<Record<string, readonly Plain[]>> = {
  nesterov: [false],
  dampening: [0],
  amsgrad: [false],
  maximize: [false],
}

/** The numbers of the optimizer, or in half a sentence what it does that none here does. */
export const optimizerNumbers = ({ groups }: Pick<OptimizerState, 'groups'>): E.Either<string, OptimizerNumbers> => {
  const options = groups[0]?.options ?? {}
  const used = Object.entries(UNUSED).find(([name, without]) => options[name] !== undefined && !without.includes(options[name]))
  if (used !== undefined)
    return E.left(`its optimizer has ${used[0]} ${JSON.stringify(options[used[0]])}, as no optimizer here has`)
  const number = (name: string): number | undefined => (typeof options[name] === 'number' ? options[name] : undefined)
  const betas = options.betas
  const [first, second] = Array.isArray(betas) ? (betas as readonly Plain[]) : []
  return E.right({
    momentum: number('momentum'),
    eta: number('eta'),
    eps: number('eps'),
    betas: typeof first === 'number' && typeof second === 'number' ? { first, second } : undefined,
  })
}

/** What each official optimizer keeps of a weight. */
const MOMENTS: Readonly<Record<string, string>> = { adamw: 'exp_avg', sgd: 'momentum_buffer', lars: 'mu' }

/** Why these are no moments of the optimizer that the arguments name, in half a sentence. */
export const otherOptimizer = ({ moments }: Pick<OptimizerState, 'moments'>, named: string): string | undefined => {
  const kept = new Set([...moments.values()].flatMap(({ tensors }) => [...tensors.keys()]))
  const own = Object.keys(MOMENTS).find((name) => kept.has(MOMENTS[name]!))
  return own === undefined || own === named
    ? undefined
    : `its arguments say that the optimizer is ${named}, and its moments are those of ${own} (${[...kept].join(', ')})`
}

// ----------------------------------------------------------------------------------------------------------- steps

/** A schedule of the official code (utils.cosine_scheduler): its value at a step where epochs have so many steps. */
interface Schedule {
  readonly from: number
  readonly to: number
  readonly warmup: number
}

const valueAt = ({ from, to, warmup }: Schedule, step: number, epochs: number, perEpoch: number): number => {
  const warm = warmup * perEpoch
  if (step < warm) return warm === 1 ? 0 : (from * step) / (warm - 1)
  return to + 0.5 * (from - to) * (1 + Math.cos((Math.PI * (step - warm)) / (epochs * perEpoch - warm)))
}

/** Steps of an epoch for which the last step of `done` epochs has this value; it may be none, or no whole number. */
const perEpochFrom = ({ from, to, warmup }: Schedule, value: number, epochs: number, done: number): number => {
  if (done <= warmup) return (value - from) / (value * warmup - from * done)
  const share = Math.acos(Math.min(1, Math.max(-1, (2 * (value - to)) / (from - to) - 1))) / Math.PI
  return 1 / (done - warmup - share * (epochs - warmup))
}

/** By how much a value may differ from that of its schedule, as a share of what another length of an epoch would make of it. */
const CLOSE = 0.25
/** What rounding does to a value, as a share of the schedule's largest, many times over. */
const ROUNDING = 1e-14

/**
 * How many steps have been done. SGD and LARS don't count them, but the learning rate and the weight decay of the last one are
 * kept, and with them how many steps an epoch has: the schedules have those values at that step for no other number but at the end of a run so long that they no longer change.
 */
export const stepsFromSchedules = (
  args: OfficialArgs,
  { groups }: Pick<OptimizerState, 'groups'>,
  done: number,
): E.Either<string, number> => {
  const { lr, weight_decay: decay } = groups[0]?.options ?? {}
  const rate = (args.lr * args.batch_size_per_gpu * args.world_size) / 256
  const kept: readonly (readonly [Schedule, Plain | undefined])[] = [
    [{ from: args.weight_decay, to: args.weight_decay_end, warmup: 0 }, decay],
    [{ from: rate, to: args.min_lr, warmup: args.warmup_epochs }, lr],
  ]
  for (const [schedule, value] of kept) {
    if (typeof value !== 'number') continue
    const perEpoch = Math.round(perEpochFrom(schedule, value, args.epochs, done))
    if (!Number.isSafeInteger(perEpoch) || perEpoch < 1) continue
    const again = valueAt(schedule, done * perEpoch - 1, args.epochs, perEpoch)
    const other = valueAt(schedule, done * (perEpoch + 1) - 1, args.epochs, perEpoch + 1)
    // Where a schedule stays as it is, as at the end of a long run, it tells nothing.
    const gap = Math.abs(other - again)
    const isTold = gap > ROUNDING * Math.max(Math.abs(schedule.from), Math.abs(schedule.to))
    if (isTold && Math.abs(again - value) <= CLOSE * gap) return E.right(done * perEpoch)
  }
  return E.left(
    "the number of its steps is unknown: its optimizer doesn't count them, and its learning rate and weight decay match no step of the arguments' schedules",
  )
}
