/** Masks: thousands of draws against the statistics of as many of the official code. */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { random as stream } from '../../src/base/random'
import { type Ratios, ratiosOf } from '../../src/import/ratios'
import { block, mixture, none, random, startingAt } from '../../src/ops/all'
import { type Grid, type Mask, mask } from '../../src/ops/mask/kind'
import { type Check, holds, near, same } from './check'
import { described, type Fixture } from './fixture'
import { shapeOf } from './maskShape'
import { meaning } from './ops'
import { histogram, meanOf, sameHistogram, sameMean, sameRate } from './statistics'

const oneOrMore = t.union([t.number, t.array(t.number)])
const Setting = t.type({
  draws: t.number,
  image_hw: t.tuple([t.number, t.number]),
  patch_size: t.number,
  pred_ratio: oneOrMore,
  pred_ratio_var: oneOrMore,
  pred_aspect_ratio: t.tuple([t.number, t.number]),
  pred_shape: t.union([t.literal('block'), t.literal('rand')]),
})
type Setting = t.TypeOf<typeof Setting>
const Mean = t.type({ mean: t.number, stderr: t.number, std: t.number })
const Statistics = t.type({
  grid: t.tuple([t.number, t.number]),
  fraction_zero: t.number,
  ratio: Mean,
  ratio_given_nonzero: Mean,
  ratio_hist: t.array(t.number),
  ratio_hist_edges: t.array(t.number),
  bbox_height_over_width: Mean,
  bbox_log_height_over_width: Mean,
  bbox_abs_log_aspect: Mean,
  component_abs_log_aspect: Mean,
  components_given_nonzero: Mean,
  pred_start_epoch_3: t.type({
    mean_ratio_at_epoch_0_to_3_over_50_draws: t.array(t.number),
    mean_ratio_without_set_epoch_over_50_draws: t.number,
  }),
})
type Statistics = t.TypeOf<typeof Statistics>
const Description = t.type({ config: t.record(t.string, Setting), stats: t.record(t.string, Statistics) })

/** The ranges of ratios of a setting, as an import of official arguments reads them. */
const rangesOf = (setting: Setting): Ratios => {
  const ranges = ratiosOf(setting)
  if (E.isLeft(ranges)) throw new RangeError(ranges.left)
  return ranges.right
}

/** The mask of a setting: one of several ranges of ratios, picked anew for every view. */
const maskOf = (setting: Setting) => {
  const { pred_aspect_ratio, pred_shape } = setting
  const [aspect, highest] = pred_aspect_ratio
  if (Math.abs(aspect * highest - 1) > 1e-9) throw new RangeError('an aspect range that is not symmetric has no mask here')
  const masks = rangesOf(setting).map(([low, high]) => {
    const ratio = [low, high] as const
    return high === 0 ? none() : pred_shape === 'block' ? block({ ratio, aspect }) : random({ ratio })
  })
  return masks.length === 1 ? masks[0]! : mixture(masks)
}

const EPOCHS_OF_START = 3
const DRAWS_OF_START = 50

/** Nothing in the epochs before the first, then the same draws as without it. */
const checkStart = (name: string, s: Setting, want: Statistics, drawn: readonly Uint8Array[], grid: Grid): readonly Check[] => {
  const late = meaning<Mask>(mask, startingAt({ epoch: EPOCHS_OF_START, mask: maskOf(s) }))
  const ratio = meanOf(drawn.map((hidden) => hidden.reduce((sum, on) => sum + on, 0) / hidden.length))
  const { mean_ratio_at_epoch_0_to_3_over_50_draws: epochs, mean_ratio_without_set_epoch_over_50_draws: unset } =
    want.pred_start_epoch_3
  const few = { stderr: want.ratio.std / Math.sqrt(DRAWS_OF_START) }
  const at = (epoch: number) =>
    Array.from({ length: DRAWS_OF_START }, (_, i) => late(stream('parity', name, i), grid, epoch)).map((hidden) =>
      hidden.reduce((sum, on) => sum + on, 0),
    )
  return [
    ...epochs
      .slice(0, EPOCHS_OF_START)
      .map((mean, epoch) => near(`${name}/start/epoch${epoch}`, [Math.max(...at(epoch))], [mean], { atol: 0, rtol: 0 })),
    same(
      `${name}/start/same draws`,
      at(EPOCHS_OF_START),
      drawn.slice(0, DRAWS_OF_START).map((hidden) => hidden.reduce((sum, on) => sum + on, 0)),
    ),
    ...[...epochs.slice(EPOCHS_OF_START), unset].map((mean, i) => sameMean(`${name}/start/mean ${i}`, ratio, { mean, ...few })),
  ]
}

const checkSetting = (fixture: Fixture, name: string, s: Setting, want: Statistics): readonly Check[] => {
  const grid = { height: s.image_hw[0] / s.patch_size, width: s.image_hw[1] / s.patch_size }
  const size = grid.height * grid.width
  const draw = meaning<Mask>(mask, maskOf(s))
  const drawn = Array.from({ length: s.draws }, (_, i) => draw(stream('parity', name, i), grid, 0))
  const counts = drawn.map((hidden) => hidden.reduce((sum, on) => sum + on, 0))
  const ratios = counts.map((count) => count / size)
  const shapes = drawn.flatMap((hidden) => shapeOf(hidden, grid) ?? [])
  const boxes = shapes.map(({ box }) => box.height / box.width)
  const parts = shapes.flatMap((shape) => shape.parts)
  const mean = (what: keyof Statistics, values: readonly number[]) =>
    sameMean(`${name}/${what}`, meanOf(values), want[what] as t.TypeOf<typeof Mean>)
  const bins = (values: readonly number[]) => {
    const found = new Array<number>(size + 1).fill(0)
    for (const value of values) found[value]! += 1
    return found
  }
  const most = Math.max(...rangesOf(s).map(([, high]) => high))
  const wantedMap = fixture.floats(`${name}/prob_map`)
  const examples = fixture.integers(`${name}/examples`)
  const counted = fixture.integers(`${name}/counts`)

  return [
    same(`${name}/grid`, [grid.height, grid.width], want.grid),
    sameRate(`${name}/fraction_zero`, counts.filter((count) => count === 0).length / s.draws, want.fraction_zero, s.draws),
    mean('ratio', ratios),
    mean(
      'ratio_given_nonzero',
      ratios.filter((ratio) => ratio > 0),
    ),
    sameHistogram(`${name}/ratio_hist`, histogram(ratios, want.ratio_hist_edges), want.ratio_hist),
    sameHistogram(`${name}/counts`, bins(counts), bins(counted)),
    holds(`${name}/most`, Math.max(...ratios) <= most, `hides more than ${most}`),
    mean('bbox_height_over_width', boxes),
    mean('bbox_log_height_over_width', boxes.map(Math.log)),
    mean(
      'bbox_abs_log_aspect',
      boxes.map((aspect) => Math.abs(Math.log(aspect))),
    ),
    mean(
      'component_abs_log_aspect',
      parts.map(({ height, width }) => Math.abs(Math.log(height / width))),
    ),
    mean(
      'components_given_nonzero',
      shapes.map((shape) => shape.parts.length),
    ),
    ...Array.from(wantedMap, (p, cell) =>
      sameRate(`${name}/prob_map/${cell}.`, drawn.reduce((sum, hidden) => sum + hidden[cell]!, 0) / s.draws, p, s.draws),
    ),
    // The examples are the first draws that were counted, cell by cell in the same order.
    same(
      `${name}/examples`,
      counted.slice(0, examples.length / size),
      Array.from({ length: examples.length / size }, (_, i) =>
        examples.slice(i * size, (i + 1) * size).reduce((sum, on) => sum + on, 0),
      ),
    ),
    ...checkStart(name, s, want, drawn, grid),
  ]
}

export const checkMasks = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, stats } = described(Description, fixture)
  return Object.entries(config).flatMap(([name, setting]) => checkSetting(fixture, name, setting, stats[name]!))
}
