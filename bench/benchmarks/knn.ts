/** k-NN of many queries against a large bank: ours beside numpy on BLAS. */
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import { type KnnSize, withFeatures } from '../knnSetup'
import { type Program, ProgramFailed, using } from '../programs/child'
import { ourKnn } from '../programs/ours'
import { theirKnn } from '../programs/theirs'
import { RECIPE } from '../setup'

const ROUNDS = 5
const FULL: KnnSize = { bank: 50_000, queries: 10_000, width: 384, classes: 1000 }
const SMALL: KnnSize = { bank: 2_000, queries: 500, width: 64, classes: 10 }
/** Points of accuracy by which rounding may make them differ. */
const TOLERANCE = 0.1

const seconds = async (program: Program): Promise<number> => (await program.ask('step')).seconds!

/** A comparison of speed is one of the same thing only where both find the same. */
const checkAgreement = async ([ours, theirs]: readonly Program[]): Promise<void> => {
  const [a, b] = [await ours!.ask('step'), await theirs!.ask('step')]
  for (const score of ['top1', 'top5'])
    if (Math.abs(a[score]! - b[score]!) > TOLERANCE) throw new ProgramFailed(`${score} is ${a[score]} here and ${b[score]} there`)
}

const name = 'knn'

export const knn: Benchmark = {
  name,
  doc: 'numpy ÷ ours, k-NN of 10,000 queries in a bank of 50,000 × 384, k = 20',
  run: ({ rounds = ROUNDS, small, backend }) => {
    const size = small ? SMALL : FULL
    const { width, classes } = size
    const common = { width, classes, k: 20, temperature: 0.07, threads: RECIPE.threads }
    // What is missing is known before any feature is made.
    return orNotRun(name, theirKnn(common), () =>
      withFeatures(size, (folder) =>
        orNotRun(name, theirKnn({ ...common, folder }), (theirs) =>
          using([ourKnn({ ...common, folder, backend }), theirs], async (programs) => {
            await checkAgreement(programs)
            const [ours, numpy] = programs.map((program) => () => seconds(program))
            const seen = await alternate(ours!, numpy!, rounds)
            return [{ name, ...compared(seen, saving), unit: 's', rounds }]
          }),
        ),
      ),
    )
  },
}
