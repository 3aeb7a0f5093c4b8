/** The k-NN classifier: unit features, votes, accuracies. */
import * as t from 'io-ts'
import { classify, vote } from '../../src/metric/knn'
import { dotProducts, mostSimilar, normalizeRows, plainRows } from '../../src/metric/neighbours'
import { type Check, matches, near } from './check'
import { described, type Fixture } from './fixture'

const Description = t.type({
  config: t.type({ classes: t.number, dim: t.number, test: t.number, train: t.number }),
  expected: t.array(
    t.type({
      k: t.number,
      temperature: t.number,
      top1: t.number,
      top5: t.number,
      n_test_whose_top5_membership_depends_on_tie_order: t.number,
    }),
  ),
})

/** Unit features that were divided in another order of operations. */
const ROUNDING = { atol: 1e-6, rtol: 0 }

export const checkKnn = async (fixture: Fixture): Promise<readonly Check[]> => {
  const {
    config: { classes, dim, test, train },
    expected,
  } = described(Description, fixture)
  const set = (split: 'train' | 'test') => ({
    features: fixture.floats(`in/${split}_features`),
    labels: fixture.integers(`in/${split}_labels`),
  })
  const bank = set('train')
  const queries = set('test')
  const labelled = ({ features, labels }: typeof bank) => ({ ...plainRows(features, dim), labels })
  const checks: Check[] = (['train', 'test'] as const).map((split) =>
    near(`unit/${split}`, normalizeRows(fixture.floats(`in/${split}_raw`), dim), set(split).features, ROUNDING),
  )
  const products = await dotProducts(dim)(bank.features)(queries.features)
  for (const { k, temperature, top1, top5, n_test_whose_top5_membership_depends_on_tie_order: ties } of expected) {
    const votes = Array.from({ length: test }, (_, query) => {
      const nearest = mostSimilar(products.subarray(query * train, (query + 1) * train), k)
      return [...vote(nearest, bank.labels, classes, k, temperature)]
    })
    const [score] = await classify(labelled(bank), labelled(queries), { neighbours: [k], temperature })
    const name = `k${k}_T${temperature}`
    checks.push(
      matches(fixture, `out/${name}/votes`, { values: votes.flat(), shape: [test, classes] }),
      near(`accuracy/${name}/top1`, [score!.top1], [top1], fixture.tolerance('top1')),
      // Classes without votes tie, and the official sort is not stable.
      near(`accuracy/${name}/top5`, [score!.top5], [top5], { atol: (100 / test) * ties + 1e-9, rtol: 0 }),
    )
  }
  return checks
}
