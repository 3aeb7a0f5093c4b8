/** The programs in Python: official PyTorch code, numpy, scikit-learn. What they need is named by the environment. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { type AugmentSetup, SCALES } from '../augmentSetup'
import type { KMeansTask, KnnVote } from '../knnSetup'
import type { LinearFitting, LogisticFitting } from '../linearSetup'
import type { StepSetup } from '../setup'
import type { Command } from './child'

type Environment = Readonly<Record<string, string | undefined>>

const PYTHON = 'IBOT_PYTHON'
const OFFICIAL = 'IBOT_OFFICIAL'
const FOLDER = join(__dirname, '..', 'theirs')

const python = (env: Environment, packages: string): E.Either<string, string> => {
  const path = env[PYTHON]
  return path === undefined || path === ''
    ? E.left(`${PYTHON} is not set; it names a Python that has ${packages}`)
    : existsSync(path)
      ? E.right(path)
      : E.left(`${PYTHON} names ${path}, which isn't there`)
}

const official = (env: Environment): E.Either<string, string> => {
  const path = env[OFFICIAL]
  const what = 'a checkout of https://github.com/bytedance/ibot'
  return path === undefined || path === ''
    ? E.left(`${OFFICIAL} is not set; it names ${what}`)
    : existsSync(join(path, 'main_ibot.py'))
      ? E.right(path)
      : E.left(`${OFFICIAL} names ${path}, which isn't ${what}: it has no main_ibot.py`)
}

const command = (file: string, script: string, setup: object, threads: number): Command => ({
  file,
  args: [join(FOLDER, script), JSON.stringify(setup)],
  env: Object.fromEntries(['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'].map((name) => [name, String(threads)])),
})

/** What the official code runs on, or why it can't. */
const officialPython = (env: Environment): E.Either<string, string> => {
  const needs = [python(env, 'torch and torchvision'), official(env)]
  const reasons = needs.flatMap((need) => (E.isLeft(need) ? [need.left] : []))
  return reasons.length > 0 ? E.left(reasons.join('. ')) : needs[0]!
}

export interface TheirSetup extends StepSetup {
  /** Whether networks and loss go through torch.compile. */
  readonly compile: boolean
  /** The processor, by default. */
  readonly device?: 'cpu' | 'cuda'
}

/** Official training steps, or why there are none. */
export const theirSteps = (setup: TheirSetup, env: Environment = process.env): E.Either<string, Command> => {
  const path = officialPython(env)
  return E.isLeft(path) ? path : E.right(command(path.right, 'step.py', setup, setup.threads))
}

/** The official transform of pictures on one thread, or why there is none. */
export const theirAugment = (setup: AugmentSetup, env: Environment = process.env): E.Either<string, Command> => {
  const path = officialPython(env)
  return E.isLeft(path) ? path : E.right(command(path.right, 'augment.py', { ...setup, ...SCALES }, 1))
}

/** k-NN in numpy, or why there is none. */
export const theirKnn = (
  setup: KnnVote & { readonly folder?: string },
  env: Environment = process.env,
): E.Either<string, Command> => {
  const path = python(env, 'numpy')
  return E.isLeft(path) ? path : E.right(command(path.right, 'knn.py', setup, setup.threads))
}

/** k-means by scikit-learn, or why there is none. */
export const theirKMeans = (
  setup: KMeansTask & { readonly folder?: string },
  env: Environment = process.env,
): E.Either<string, Command> => {
  const path = python(env, 'scikit-learn')
  return E.isLeft(path) ? path : E.right(command(path.right, 'kmeans.py', setup, setup.threads))
}

/** The classifiers of a linear probe in PyTorch, or why there are none. */
export const theirLinear = (
  setup: LinearFitting & { readonly folder: string },
  env: Environment = process.env,
): E.Either<string, Command> => {
  const path = python(env, 'torch')
  return E.isLeft(path) ? path : E.right(command(path.right, 'linear.py', setup, setup.threads))
}

/** Logistic regressions in scikit-learn, or why there are none. */
export const theirLogistic = (
  setup: LogisticFitting & { readonly folder: string },
  env: Environment = process.env,
): E.Either<string, Command> => {
  const path = python(env, 'scikit-learn')
  return E.isLeft(path) ? path : E.right(command(path.right, 'logistic.py', setup, setup.threads))
}

/** Features by the official network, or why there are none. */
export const theirFeatures = (setup: StepSetup, env: Environment = process.env): E.Either<string, Command> => {
  const path = officialPython(env)
  return E.isLeft(path) ? path : E.right(command(path.right, 'features.py', setup, setup.threads))
}
