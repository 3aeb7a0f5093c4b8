/** k-means of many features: ours beside scikit-learn. */
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import { withFeatures } from '../knnSetup'
import { type Program, ProgramFailed, using } from '../programs/child'
import { ourKMeans } from '../programs/ours'
import { theirKMeans } from '../programs/theirs'
import { RECIPE } from '../setup'

const ROUNDS = 5
const FULL = { bank: 50_000, queries: 1, width: 384, classes: 10 }
const SMALL = { bank: 2_000, queries: 1, width: 64, classes: 10 }
const STARTS = 10
/** How much more one may be left with than the other, as a share: both draw their starts. */
const TOLERANCE = 0.01

const name = 'kmeans'

/** A comparison of speed is one of the same thing only where both find clusters that are as good. */
const checkAgreement = async ([ours, theirs]: readonly Program[]): Promise<void> => {
  const [a, b] = [(await ours!.ask('step')).inertia!, (await theirs!.ask('step')).inertia!]
  if (a > b * (1 + TOLERANCE)) throw new ProgramFailed(`the inertia is ${a} here and ${b} there`)
}

export const kmeans: Benchmark = {
  name,
  doc: `scikit-learn ÷ ours, k-means of 50,000 × 384, 10 clusters, ${STARTS} starts`,
  run: ({ rounds = ROUNDS, small, backend }) => {
    const size = small ? SMALL : FULL
    const common = { width: size.width, clusters: size.classes, starts: STARTS, threads: RECIPE.threads }
    return orNotRun(name, theirKMeans(common), () =>
      withFeatures(size, (folder) =>
        orNotRun(name, theirKMeans({ ...common, folder }), (theirs) =>
          using([ourKMeans({ ...common, folder, backend }), theirs], async (programs) => {
            await checkAgreement(programs)
            const [ours, sklearn] = programs.map((program) => async () => (await program.ask('step')).seconds!)
            return [{ name, ...compared(await alternate(ours!, sklearn!, rounds), saving), unit: 's', rounds }]
          }),
        ),
      ),
    )
  },
}
