/** A sweep of linear classifiers: which features each sees and how fast it learns; all are trained together, and the best counts. */
import { permutation, random } from '../../base/random'
import type { ClassifierGroup } from '../../nn/linearClassifier'
import type { FeatureChoice, Features, ProbeTools } from './kind'
import { type Classifiers, linearTrainer, type Score } from './linearTrainer'

/** How the tokens of a picture become its features, in the order of the official `avgpool_patchtokens`: 0, 1, 2. */
export const POOLS = ['cls', 'mean', 'both'] as const
export type Pool = (typeof POOLS)[number]

/** One classifier of a sweep. */
export interface Setting {
  /** Of how many of the last blocks it sees the [CLS] tokens; 1 where it sees none. */
  readonly blocks: number
  readonly pool: Pool
  readonly lr: number
}

/** Classifiers that see the same features. */
export interface SettingGroup {
  readonly blocks: number
  readonly pool: Pool
  readonly rates: readonly number[]
}

/** The groups of a sweep, each once: the mean of the patches is that of the last block, however many blocks there are. */
export const groupsOf = (
  blocks: readonly number[],
  pools: readonly Pool[],
  rates: readonly number[],
): readonly SettingGroup[] => {
  const ofPool = (pool: Pool): readonly SettingGroup[] =>
    [...new Set(pool === 'mean' ? [1] : blocks)].map((count) => ({ blocks: count, pool, rates: [...new Set(rates)] }))
  return [...new Set(pools)].flatMap(ofPool)
}

/** What all groups see together. */
export const choiceOf = (groups: readonly SettingGroup[]): FeatureChoice => ({
  cls: Math.max(0, ...groups.map(({ blocks, pool }) => (pool === 'mean' ? 0 : blocks))),
  mean: groups.some(({ pool }) => pool !== 'cls'),
})

/** Widths of the parts of rows: as they are told, or all the same. */
const partsOf = ({ width, parts }: Pick<Features, 'width' | 'parts'>, { cls, mean }: FeatureChoice): readonly number[] => {
  const count = cls + (mean ? 1 : 0)
  return parts ?? Array.from({ length: count }, () => width / count)
}

/** The columns that a group sees of rows in which the parts of a choice stand one after the other. */
const columnsOf = ({ blocks, pool, rates }: SettingGroup, { cls }: FeatureChoice, parts: readonly number[]): ClassifierGroup => {
  const before = (part: number): number => parts.slice(0, part).reduce((sum, width) => sum + width, 0)
  const from = pool === 'mean' ? cls : cls - blocks
  const to = pool === 'cls' ? cls : cls + 1
  return { from: before(from), to: before(to), count: rates.length }
}

/** The learning rate of an epoch: lr · batch / 256, by a cosine to 0 which moves once an epoch. */
export const cosineRate = (lr: number, batch: number, epoch: number, epochs: number): number =>
  (((lr * batch) / 256) * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2

/** Normal weights of deviation 0.01 and biases of 0. A setting has the same ones in every sweep. */
const initialOf = (
  { blocks, pool, rates }: SettingGroup,
  { from, to }: ClassifierGroup,
  classes: number,
  seed: number,
): Classifiers => {
  const columns = rates.length * classes
  const weights = new Float32Array((to - from) * columns)
  for (const [r, lr] of rates.entries()) {
    const draw = random(seed, 'linearProbe', 'weights', pool, blocks, lr)
    for (let row = 0; row < to - from; row++)
      for (let c = 0; c < classes; c++) weights[row * columns + r * classes + c] = 0.01 * draw.normal()
  }
  return { weights, bias: new Float32Array(columns) }
}

export interface Sweep {
  readonly groups: readonly SettingGroup[]
  readonly epochs: number
  readonly batch: number
  /** Epochs between two looks at the test pictures; the last one is always followed by one. */
  readonly testEvery: number
}

/** The best classifier of a sweep, and when it was. */
export interface Best extends Setting, Score {
  readonly epoch: number
}

/**
 * Trains all classifiers of a sweep. The best is the one with the highest accuracy on the test pictures at any look, the
 * first of several; undefined where there is nothing to learn from, or to test.
 *
 * @param rowsOf the training pictures of an epoch
 */
export const trainSweep = async (
  { groups, epochs, batch, testEvery }: Sweep,
  rowsOf: (epoch: number) => Promise<Features>,
  test: Features,
  tools: Pick<ProbeTools, 'prepare' | 'seed'>,
): Promise<Best | undefined> => {
  const { seed } = tools
  const choice = choiceOf(groups)
  const classes = test.classes.length
  const columns = groups.map((group) => columnsOf(group, choice, partsOf(test, choice)))
  const initial = groups.map((group, g) => initialOf(group, columns[g]!, classes, seed))
  const trainer = linearTrainer(tools, columns, classes, initial)
  let best: Best | undefined
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rows = await rowsOf(epoch)
    if (rows.labels.length === 0 || test.labels.length === 0) return undefined
    const rates = groups.map((group) => Float32Array.from(group.rates, (lr) => cosineRate(lr, batch, epoch, epochs)))
    await trainer.epoch(rows, permutation(rows.labels.length, seed, 'linearProbe', 'order', epoch), batch, rates)
    if ((epoch + 1) % testEvery !== 0 && epoch + 1 !== epochs) continue
    for (const [g, scores] of (await trainer.scores(test)).entries())
      for (const [r, score] of scores.entries()) {
        const { blocks, pool, rates: all } = groups[g]!
        if (best === undefined || score.top1 > best.top1) best = { blocks, pool, lr: all[r]!, epoch, ...score }
      }
  }
  return best
}
