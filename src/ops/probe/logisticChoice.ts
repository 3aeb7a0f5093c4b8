/** Logistic regression whose penalty is chosen by pictures that are held out, then fitted to all. */
import { random, shuffle } from '../../base/random'
import type { Features, ProbeTools } from './kind'
import { type LabelledRows, linearScorer, type Score } from './linearTrainer'
import { classifiersOf, type Fit, type FitOptions, logisticFits, scalingOf } from './logisticFits'

export interface LogisticChoice extends FitOptions {
  /** Inverse strengths of the penalty, among which one is chosen. */
  readonly strengths: readonly number[]
  readonly standardize: boolean
}

export interface Chosen extends Pick<Score, 'ranks'> {
  /** Undefined where there is only one class to learn. */
  readonly fit: Fit | undefined
}

/** One picture in so many is held out. */
const ONE_IN = 10

/** Numbers of rows that are held out, about a tenth of each class, drawn by a seed; each class keeps one row at least. */
export const heldOut = (labels: Uint32Array, seed: number): Uint32Array => {
  const ofClass = new Map<number, number[]>()
  for (const [row, label] of labels.entries()) {
    const rows = ofClass.get(label)
    if (rows === undefined) ofClass.set(label, [row])
    else rows.push(row)
  }
  let seen = 0
  return Uint32Array.from(
    [...ofClass]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([label, rows]) => {
        const drawn = shuffle(random(seed, 'logisticRegression', 'heldOut', label), rows)
        // Counted on from class to class, so that small classes give their share together.
        const held = drawn.filter(() => seen++ % ONE_IN === ONE_IN - 1)
        return held.length < drawn.length ? held : []
      }),
  )
}

/** Rows whose classes are numbered anew, without those that no row has. */
interface Compact extends LabelledRows {
  /** The new number of each class. */
  readonly numbers: ReadonlyMap<number, number>
}

const compact = ({ values, width, labels }: Features): Compact => {
  const numbers = new Map([...new Set(labels)].toSorted((a, b) => a - b).map((label, i) => [label, i]))
  return { values, width, labels: labels.map((label) => numbers.get(label)!), numbers }
}

/** The first with the highest accuracy, of fits with ever weaker penalties. */
const bestOf = (fits: readonly Fit[], scores: readonly Score[]): Fit =>
  fits[scores.reduce((best, { top1 }, i) => (top1 > scores[best]!.top1 ? i : best), 0)]!

/**
 * Fits a classifier for each strength to nine tenths of the training pictures, chooses the one that tells most of the others right (of
 * several the one with the strongest penalty), fits it to all of them, and tests it. Test pictures of a class that no training picture has are
 * told wrong. Undefined where there is nothing to learn from, or to test.
 */
export const chosenFit = async (
  train: Features,
  test: Features,
  { strengths, standardize, ...options }: LogisticChoice,
  tools: Pick<ProbeTools, 'prepare' | 'seed'>,
): Promise<Chosen | undefined> => {
  const total = test.labels.length
  if (train.labels.length === 0 || total === 0) return undefined
  const rows = compact(train)
  const { width, numbers } = rows
  const classes = numbers.size
  const learnt = Uint32Array.from(test.labels.keys()).filter((row) => numbers.has(test.labels[row]!))
  /** Of all test pictures; every class comes before one that wasn't learnt. */
  const ranksOf = (ofLearnt: (at: number) => number): Float32Array => {
    const ranks = new Float32Array(total).fill(Number.POSITIVE_INFINITY)
    for (const [at, row] of learnt.entries()) ranks[row] = ofLearnt(at)
    return ranks
  }
  if (classes === 1) return { ranks: ranksOf(() => 0), fit: undefined }

  const scaling = scalingOf(rows, standardize)
  const regression = logisticFits(tools, rows, classes, scaling, options)
  const scoreOf = async (fits: readonly Fit[], of: LabelledRows, which: Uint32Array): Promise<readonly Score[]> => {
    const score = linearScorer(tools, [{ from: 0, to: width, count: fits.length }], classes)
    const points = fits.map(({ point }) => point)
    return (await score(of, [classifiersOf(points, scaling, classes, fits.length)], which))[0]!
  }
  const choose = async (): Promise<Pick<Fit, 'C' | 'point'>> => {
    const starts = [...new Set(strengths)]
      .toSorted((a, b) => a - b)
      .map((C) => ({ C, point: new Float64Array((width + 1) * classes) }))
    const held = heldOut(rows.labels, tools.seed)
    if (starts.length === 1 || held.length === 0) return starts[Math.floor(starts.length / 2)]!
    const counted = new Float32Array(rows.labels.length).fill(1)
    for (const row of held) counted[row] = 0
    const fits = await regression.fit(starts, counted)
    return bestOf(fits, await scoreOf(fits, rows, held))
  }
  const [last] = await regression.fit([await choose()], new Float32Array(rows.labels.length).fill(1))
  const labels = test.labels.map((label) => numbers.get(label) ?? 0)
  const [score] = await scoreOf([last!], { ...test, labels }, learnt)
  return { ranks: ranksOf((at) => score!.ranks[at]!), fit: last! }
}
