/** Linear classifiers in training, many beside each other: their weights between the calls of what computes, and their batches. */
import { type ClassifierGroup, groupScores, groupState, scores, sgdSteps } from '../../nn/linearClassifier'
import type { HostTensor, HostTensors } from '../../nn/tensorFunction'
import type { FeatureMatrix, ProbeTools } from './kind'

/** Rows of features, and the class of each. */
export interface LabelledRows extends FeatureMatrix {
  readonly labels: Uint32Array
}

/** The classifiers of a group: weights [columns, R · C], biases [R · C]. */
export interface Classifiers {
  readonly weights: Float32Array
  readonly bias: Float32Array
}

/** What was found of one classifier. */
export interface Score {
  /** Share of the rows whose class has the highest logit. */
  readonly top1: number
  /** How many classes come before the right one, for each row. */
  readonly ranks: Float32Array
  /** Mean cross-entropy. */
  readonly loss: number
}

export interface LinearTrainer {
  /** Steps on batches of the rows in this order, the last of them smaller; `rates` are the learning rates of each group. */
  readonly epoch: (rows: LabelledRows, order: Uint32Array, batch: number, rates: readonly Float32Array[]) => Promise<void>
  /** The scores of each group's classifiers. */
  readonly scores: (rows: LabelledRows) => Promise<readonly (readonly Score[])[]>
  readonly classifiers: () => readonly Classifiers[]
}

/** Steps that are computed in one call: what a call takes by itself doesn't count then. */
const STEPS = 16
/** Numbers that go to one call at most: batches of wide features are fewer. */
const NUMBERS = 2 ** 22
/** Rows that are scored together at most. */
const ROWS = 2048

const MOMENTUM = 0.9

/** Rows by their numbers, one after the other, in memory that they fill. */
const gather = ({ values, width, labels }: LabelledRows, order: Uint32Array, into: LabelledRows): void => {
  for (const [at, row] of order.entries()) {
    into.values.set(values.subarray(row * width, (row + 1) * width), at * width)
    into.labels[at] = labels[row]!
  }
}

/** Memory for so many rows. */
const roomFor = (rows: number, width: number): LabelledRows => ({
  values: new Float32Array(rows * width),
  width,
  labels: new Uint32Array(rows),
})

/** Rows from a place up to another; nothing is copied. */
const between = ({ values, width, labels }: LabelledRows, from: number, to: number): LabelledRows => ({
  values: values.subarray(from * width, to * width),
  width,
  labels: labels.subarray(from, to),
})

/** So many batches of so many rows each, from a place in the order. */
interface Call {
  readonly start: number
  readonly steps: number
  readonly batch: number
}

/** The calls of an epoch: several whole batches each, then one for the rows that are left. */
const callsOf = (rows: number, batch: number, width: number): readonly Call[] => {
  const most = Math.max(1, Math.min(STEPS, Math.floor(NUMBERS / (batch * width))))
  const whole = Math.floor(rows / batch)
  const calls = Array.from({ length: Math.ceil(whole / most) }, (_, i) => ({
    start: i * most * batch,
    steps: Math.min(most, whole - i * most),
    batch,
  }))
  const left = rows - whole * batch
  return left === 0 ? calls : [...calls, { start: whole * batch, steps: 1, batch: left }]
}

const tensor = (values: Float32Array, ...shape: readonly number[]): HostTensor => ({ values, shape })

const initialState = (groups: readonly ClassifierGroup[], classes: number, initial: readonly Classifiers[]): HostTensors =>
  Object.fromEntries(
    groups.flatMap(({ from, to, count }, g) => {
      const names = groupState(g)
      const columns = count * classes
      return [
        [names.weights, tensor(initial[g]!.weights, to - from, columns)],
        [names.bias, tensor(initial[g]!.bias, 1, columns)],
        [names.weightsMoved, tensor(new Float32Array((to - from) * columns), to - from, columns)],
        [names.biasMoved, tensor(new Float32Array(columns), 1, columns)],
      ]
    }),
  )

/** Where the learning rates change, the movements, which hold them, change with them. */
const rescaled = (
  state: HostTensors,
  classes: number,
  before: readonly Float32Array[],
  after: readonly Float32Array[],
): HostTensors => {
  const moved = after.flatMap((rates, g) => {
    const factors = rates.map((rate, r) => rate / before[g]![r]!)
    const { weightsMoved, biasMoved } = groupState(g)
    return [weightsMoved, biasMoved].map((name) => {
      const { values, shape } = state[name]!
      const columns = rates.length * classes
      return [name, { values: values.map((value, at) => value * factors[Math.floor((at % columns) / classes)]!), shape }] as const
    })
  })
  return { ...state, ...Object.fromEntries(moved) }
}

/** Scores classifiers of groups: by all rows, or by those of some numbers. */
export const linearScorer = (
  { prepare }: Pick<ProbeTools, 'prepare'>,
  groups: readonly ClassifierGroup[],
  classes: number,
): ((rows: LabelledRows, classifiers: readonly Classifiers[], which?: Uint32Array) => Promise<readonly (readonly Score[])[]>) => {
  const { run } = prepare(scores(groups, classes))
  const logits = groups.reduce((sum, { count }) => sum + count * classes, 0)
  return async (rows, classifiers, which) => {
    const { width } = rows
    const total = which?.length ?? rows.labels.length
    const found = groups.map(({ count }) =>
      Array.from({ length: count }, () => ({ ranks: new Float32Array(total), losses: new Float32Array(total) })),
    )
    const given = Object.fromEntries(
      groups.flatMap(({ from, to, count }, g) => {
        const { weights, bias } = groupState(g)
        const of = classifiers[g]!
        return [
          [weights, tensor(of.weights, to - from, count * classes)],
          [bias, tensor(of.bias, 1, count * classes)],
        ]
      }),
    )
    const together = Math.max(1, Math.min(ROWS, Math.floor(NUMBERS / Math.max(width, logits))))
    const room = roomFor(which === undefined ? 0 : Math.min(together, total), width)
    for (let first = 0; first < total; first += together) {
      const to = Math.min(first + together, total)
      if (which !== undefined) gather(rows, which.subarray(first, to), room)
      const some = which === undefined ? between(rows, first, to) : between(room, 0, to - first)
      const computed = await run({
        ...given,
        features: tensor(some.values, some.labels.length, width),
        labels: tensor(Float32Array.from(some.labels), some.labels.length),
      })
      for (const [g, group] of found.entries())
        for (const [name, key] of Object.entries(groupScores(g)) as ['ranks' | 'losses', string][])
          for (const [r, one] of group.entries())
            for (let row = 0; row < some.labels.length; row++)
              one[name][first + row] = computed[key]!.values[row * group.length + r]!
    }
    return found.map((group) => group.map(({ ranks, losses }) => ({ top1: within(ranks, 1), ranks, loss: mean(losses) })))
  }
}

/** Mean of numbers; of none it is NaN. */
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Share of the rows whose class is among the first so many. */
const within = (ranks: Float32Array, places: number): number =>
  ranks.reduce((sum, rank) => sum + (rank < places ? 1 : 0), 0) / ranks.length

/** A trainer of classifiers that begin with these weights. */
export const linearTrainer = (
  { prepare }: Pick<ProbeTools, 'prepare'>,
  groups: readonly ClassifierGroup[],
  classes: number,
  initial: readonly Classifiers[],
): LinearTrainer => {
  const steps = prepare(sgdSteps(groups, classes, MOMENTUM))
  const score = linearScorer({ prepare }, groups, classes)
  let state = initialState(groups, classes, initial)
  let known: readonly Float32Array[] | undefined

  const epoch: LinearTrainer['epoch'] = async (rows, order, batch, rates) => {
    const { width } = rows
    if (known !== undefined) state = rescaled(state, classes, known, rates)
    known = rates
    const given = Object.fromEntries(rates.map((values, g) => [`rates.${g}`, tensor(values, 1, values.length, 1)]))
    const calls = callsOf(order.length, batch, width)
    // Two in turn: while the batches of one are computed, those of the other are gathered.
    const most = Math.max(0, ...calls.map((call) => call.steps * call.batch))
    const staged = [0, 1].map(() => roomFor(most, width))
    let running: Promise<HostTensors> = Promise.resolve(state)
    for (const [i, call] of calls.entries()) {
      const count = call.steps * call.batch
      const into = staged[i % 2]!
      gather(rows, order.subarray(call.start, call.start + count), into)
      const { values, labels } = between(into, 0, count)
      state = await running
      running = steps.run({
        ...state,
        ...given,
        features: tensor(values, call.steps, call.batch, width),
        labels: tensor(Float32Array.from(labels), call.steps, call.batch),
      })
    }
    state = await running
  }

  const classifiers = (): readonly Classifiers[] =>
    groups.map((_, g) => {
      const names = groupState(g)
      return { weights: state[names.weights]!.values, bias: state[names.bias]!.values }
    })
  return {
    epoch,
    scores: (rows) => score(rows, classifiers()),
    classifiers,
  }
}
