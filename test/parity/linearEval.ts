/** The linear probe: features of several blocks, SGD with the official schedule, accuracies. */
import * as t from 'io-ts'
import { cosineRate } from '../../src/ops/probe/linearSweep'
import { type Classifiers, type LabelledRows, linearTrainer } from '../../src/ops/probe/linearTrainer'
import { currentEngine } from './backend'
import { type Check, matches, near } from './check'
import { described, type Fixture } from './fixture'

const Description = t.type({
  config: t.type({
    avgpool_patchtokens: t.literal(2),
    batch: t.number,
    dim: t.number,
    epochs: t.number,
    lr: t.number,
    n_last_blocks: t.number,
    num_labels: t.number,
    tokens: t.number,
  }),
  expected: t.array(
    t.type({ acc1: t.number, acc5: t.number, epoch: t.number, lr: t.number, train_mean_loss: t.number, val_loss: t.number }),
  ),
})

/** [CLS] of each block, oldest first, then the mean of the last block's patches. */
const featuresOf = (all: Float32Array, blocks: number, tokens: number, dim: number): Omit<LabelledRows, 'labels'> => {
  const width = (blocks + 1) * dim
  const rows = all.length / (blocks * tokens * dim)
  const values = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < dim; i++) {
      const at = (block: number, token: number): number => all[((row * blocks + block) * tokens + token) * dim + i]!
      for (let block = 0; block < blocks; block++) values[row * width + block * dim + i] = at(block, 0)
      const patches = Array.from({ length: tokens - 1 }, (_, patch) => at(blocks - 1, patch + 1))
      values[row * width + blocks * dim + i] = patches.reduce((sum, value) => sum + value, 0) / patches.length
    }
  return { values, width }
}

/** From PyTorch's [out, in] to [in, out], and back. */
const turned = (values: Float32Array, rows: number): Float32Array => {
  const columns = values.length / rows
  return values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!)
}

/** Some of the rows. */
const part = ({ values, width, labels }: LabelledRows, from: number, to: number): LabelledRows => ({
  values: values.subarray(from * width, to * width),
  width,
  labels: labels.subarray(from, to),
})

export const checkLinearEval = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, expected } = described(Description, fixture)
  const { batch, num_labels: classes } = config
  const labels = Uint32Array.from(fixture.integers('in/labels'))
  const rows = { ...featuresOf(fixture.floats('in/tokens'), config.n_last_blocks, config.tokens, config.dim), labels }
  const { width } = rows
  const initial: Classifiers = {
    weights: turned(fixture.floats('init/linear.weight'), classes),
    bias: fixture.floats('init/linear.bias'),
  }
  const trainer = linearTrainer(currentEngine(), [{ from: 0, to: width, count: 1 }], classes, [initial])
  const order = Uint32Array.from({ length: batch }, (_, i) => i)
  const checks: Check[] = []
  for (const { epoch, lr, acc1, acc5, train_mean_loss, val_loss } of expected) {
    const rate = cosineRate(config.lr, batch, epoch, config.epochs)
    // A batch is scored before its step: its loss is the one that the step is made of.
    let losses = 0
    for (let first = 0; first < labels.length; first += batch) {
      const some = part(rows, first, first + batch)
      losses += (await trainer.scores(some))[0]![0]!.loss
      await trainer.epoch(some, order, batch, [Float32Array.of(rate)])
    }
    const [score] = (await trainer.scores(rows))[0]!
    const check = (name: string, got: number, want: number): Check =>
      near(`epoch${epoch}/${name}`, [got], [want], fixture.tolerance(name))
    checks.push(
      check('lr', rate, lr),
      check('train_mean_loss', (losses * batch) / labels.length, train_mean_loss),
      check('val_loss', score!.loss, val_loss),
      check('acc1', 100 * score!.top1, acc1),
      check('acc5', (100 * score!.ranks.filter((rank) => rank < 5).length) / labels.length, acc5),
    )
  }
  const [{ weights, bias }] = trainer.classifiers() as readonly [Classifiers]
  checks.push(
    matches(fixture, 'final/linear.weight', { values: turned(weights, width), shape: [classes, width] }),
    matches(fixture, 'final/linear.bias', { values: bias, shape: [classes] }),
  )
  // All steps of an epoch in one call give the same.
  const together = linearTrainer(currentEngine(), [{ from: 0, to: width, count: 1 }], classes, [initial])
  for (const { epoch } of expected)
    await together.epoch(rows, Uint32Array.from(labels.keys()), batch, [
      Float32Array.of(cosineRate(config.lr, batch, epoch, config.epochs)),
    ])
  const [again] = together.classifiers() as readonly [Classifiers]
  checks.push(
    near(
      'together/linear.weight',
      turned(again.weights, width),
      fixture.floats('final/linear.weight'),
      fixture.tolerance('final/linear.weight'),
    ),
  )
  return checks
}
