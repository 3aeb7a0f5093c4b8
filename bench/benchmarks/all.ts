/** Every benchmark, by name. */
import { nearest } from '../../src/dsl/nearest'
import type { Benchmark } from '../benchmark'
import { ACCUMULATIONS } from './accumulation'
import { REDUCTIONS } from './allReduce'
import { AUGMENTS } from './augment'
import { checkpoint } from './checkpoint'
import { DATA_WAITS } from './dataWait'
import { fashionMnist } from './fashionMnist'
import { FEATURES } from './features'
import { index } from './folder'
import { GPUS } from './gpu'
import { kmeans } from './kmeans'
import { knn } from './knn'
import { leak } from './leak'
import { linear, logistic } from './linear'
import { memory } from './memory'
import { PROBE_MEMORY } from './probeMemory'
import { PROCESSES } from './processes'
import { RECIPES } from './recipes'
import { STARTUPS } from './startup'
import { STEPS } from './step'
import { XLAS } from './xla'

export const BENCHMARKS: readonly Benchmark[] = [
  ...STEPS,
  memory,
  ...ACCUMULATIONS,
  ...STARTUPS,
  ...RECIPES,
  fashionMnist,
  checkpoint,
  leak,
  knn,
  ...FEATURES,
  kmeans,
  linear,
  logistic,
  ...PROBE_MEMORY,
  index,
  ...AUGMENTS,
  ...DATA_WAITS,
  ...GPUS,
  ...XLAS,
  ...REDUCTIONS,
  ...PROCESSES,
]

const NAMES = BENCHMARKS.map(({ name }) => name)

/** The benchmark of a name; where there is none, all whose names begin with it and a dash. */
export const named = (name: string): readonly Benchmark[] => {
  const exact = BENCHMARKS.filter((benchmark) => benchmark.name === name)
  return exact.length > 0 ? exact : BENCHMARKS.filter((benchmark) => benchmark.name.startsWith(`${name}-`))
}

/** What is wrong with a name that no benchmark has. */
export const unknown = (name: string): string => {
  const near = nearest(name, NAMES)
  return `there is no benchmark '${name}'; ${near === undefined ? "'--list' names all" : `did you mean '${near}'?`}`
}
