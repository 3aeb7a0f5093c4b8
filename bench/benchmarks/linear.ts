/** Linear classifiers of features: the linear probe beside PyTorch, the logistic regression beside scikit-learn. */
import type * as E from 'fp-ts/Either'
import type { Backend } from '../../src/engine/backends'
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import { type KnnSize, withFeatures } from '../knnSetup'
import type { LinearFitting, LogisticFitting } from '../linearSetup'
import { type Command, type Program, ProgramFailed, using } from '../programs/child'
import { ourLinear, ourLogistic } from '../programs/ours'
import { theirLinear, theirLogistic } from '../programs/theirs'
import { RECIPE } from '../setup'

const ROUNDS = 3
const FULL: KnnSize = { bank: 50_000, queries: 10_000, width: 384, classes: 10 }
const SMALL: KnnSize = { bank: 1_000, queries: 200, width: 16, classes: 3 }

interface Sides<F> {
  readonly name: string
  readonly doc: string
  readonly fitting: (size: KnnSize) => F
  readonly ours: (setup: F & { readonly folder: string; readonly backend: Backend }) => Command
  readonly theirs: (setup: F & { readonly folder: string }) => E.Either<string, Command>
  /** A comparison of speed is one of the same thing only where both find the same: asked before or after the rounds. */
  readonly agree: (programs: readonly Program[]) => Promise<void>
  /** Whether they are asked before anything is timed, which warms them up, or after it. */
  readonly first: boolean
}

const seconds = async (program: Program): Promise<number> => (await program.ask('step')).seconds!

const benchmark = <F>({ name, doc, fitting, ours, theirs, agree, first }: Sides<F>): Benchmark => ({
  name,
  doc,
  run: ({ rounds = ROUNDS, small, backend }) => {
    const size = small ? SMALL : FULL
    const setup = fitting(size)
    // What is missing is known before any feature is made.
    return orNotRun(name, theirs({ ...setup, folder: '' }), () =>
      withFeatures(size, (folder) =>
        orNotRun(name, theirs({ ...setup, folder }), (command) =>
          using([ours({ ...setup, folder, backend }), command], async (programs) => {
            if (first) await agree(programs)
            const [mine, other] = programs.map((program) => () => seconds(program))
            const seen = await alternate(mine!, other!, rounds)
            if (!first) await agree(programs)
            return [{ name, ...compared(seen, saving), unit: 's', rounds }]
          }),
        ),
      ),
    )
  },
})

/** Points of accuracy by which two orders of the same pictures may make classifiers differ. */
const POINTS = 2

export const linear = benchmark<LinearFitting>({
  name: 'linear',
  doc: 'PyTorch ÷ ours, an epoch of a linear probe of 100: 50,000 × 384 features, 13 learning rates, 10 classes, batches of 128',
  fitting: ({ width, classes }) => ({
    ...{ width, classes, threads: RECIPE.threads, batch: 128, epochs: 100 },
    rates: [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1],
  }),
  ours: ourLinear,
  theirs: theirLinear,
  first: false,
  agree: async ([ours, theirs]) => {
    const [a, b] = [await ours!.ask('accuracy'), await theirs!.ask('accuracy')]
    if (Math.abs(a.accuracy! - b.accuracy!) > POINTS)
      throw new ProgramFailed(`the best accuracy is ${a.accuracy} here and ${b.accuracy} there`)
  },
})

/** By how much a loss may be higher than that of the other side. */
const LOSS = 1e-4

export const logistic = benchmark<LogisticFitting>({
  name: 'logistic',
  doc: 'scikit-learn ÷ ours, logistic regressions of 50,000 × 384 features in 10 classes, C from 1e-2 to 1e4, at equal loss',
  fitting: ({ width, classes }) => ({
    ...{ width, classes, threads: RECIPE.threads, iterations: 1000, tolerance: 1e-4 },
    strengths: [1e-2, 1, 1e2, 1e4],
  }),
  ours: ourLogistic,
  theirs: theirLogistic,
  first: true,
  agree: async ([ours, theirs]) => {
    const [a, b] = [await ours!.ask('step'), await theirs!.ask('step')]
    for (const [name, value] of Object.entries(b))
      if (name.startsWith('value') && a[name]! > value + LOSS)
        throw new ProgramFailed(`${name} is ${a[name]} here and ${value} there`)
  },
})
