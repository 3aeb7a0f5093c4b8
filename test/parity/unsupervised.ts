/** The scores of clusterings. */
import * as t from 'io-ts'
import { clusteringScores } from '../../src/metric/clustering'
import { type Check, near } from './check'
import { described, type Fixture } from './fixture'

const Description = t.type({
  expected: t.array(
    t.intersection([
      t.type({ case: t.string, acc: t.number, ari: t.number, f: t.number, nmi: t.number }),
      t.partial({ note: t.string }),
    ]),
  ),
})

export const checkUnsupervised = async (fixture: Fixture): Promise<readonly Check[]> =>
  described(Description, fixture).expected.flatMap((want) => {
    const predicted = fixture.integers(`in/${want.case}/pred`)
    const got = clusteringScores(fixture.integers(`in/${want.case}/labels`), predicted, want.acc >= 0)
    // Where no sample is in cluster 0, the official accuracy shifts the ids; that number isn't reproduced.
    const shifted = !predicted.includes(0)
    const check = (name: string, value: number, wanted: number) =>
      near(`${want.case}/${name}`, [value], [wanted], fixture.tolerance(`${want.case}/${name}`))
    return [
      check('nmi', got.nmi, want.nmi),
      check('ari', got.ari, want.ari),
      check('f', got.fowlkesMallows, want.f),
      ...(shifted ? [] : [check('acc', got.accuracy, want.acc)]),
    ]
  })
