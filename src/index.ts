/** What a TypeScript or JavaScript program can use: the ops, `pipe` and `pipeline` to make a plan of them, and what to do with it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure, LocatedProblem, Problem } from './base/failure'
import { failureText } from './cli/failureText'
import { type Complete, type Plan, pipeline, type Runnable } from './dsl/plan'
import { toYaml } from './dsl/print'
import { readPlan } from './dsl/read'
import type { OpSpec } from './dsl/spec'
import { registry, registryWith } from './ops/registry'
import { crossCheck } from './program/crossCheck'
import { designOf } from './program/design'
import type { ProbeSummary, RunEvent, RunOptions, StepReport, Summary } from './run/events'
import { runPlan } from './run/run'

// What `run` and `fromYaml` give, so that a program that exports them can name it.
export type { Either } from 'fp-ts/Either'
export type { Fits, Has } from './dsl/plan'
export type { Fact } from './dsl/spec'
export * from './ops/all'
export type { Metric } from './program/metric'
export type {
  Complete,
  Failure,
  LocatedProblem,
  Plan,
  ProbeSummary,
  Problem,
  RunEvent,
  Runnable,
  RunOptions,
  StepReport,
  Summary,
  TaskEither,
}
export { pipe, pipeline }

/** Trains a plan: the summary on the right, on the left what went wrong. Its types are those of this file: none names a tensor. */
export const run = <R>(plan: Plan<R> & Complete<R>, options: RunOptions = {}): TaskEither<Failure, Summary> =>
  // Its row has been asked for.
  runPlan(plan as Plan as Plan<Runnable>, options)

/** The problems of a failure that has some. */
const problemsIn = (failure: Failure): readonly (Problem | LocatedProblem)[] =>
  failure._tag === 'Rejected' ? failure.problems : []

/** All that is wrong with a plan, without opening its data: parameters, and stages that don't fit together. */
export const check = (plan: Plan): readonly (Problem | LocatedProblem)[] =>
  pipe(
    designOf(registry, plan),
    E.match(problemsIn, () => []),
  )

/** A plan in YAML, every default written out. */
export const show = (plan: Plan): string => toYaml(plan)

/** How a YAML text is read. */
export interface YamlOptions {
  /** What it is called in messages; by default `pipeline.yaml`. */
  readonly file?: string | undefined
  /** Ops of your own that it may name: what `define` or `stage` of `ibot/define` gave. */
  readonly ops?: readonly { readonly spec: OpSpec }[] | undefined
}

/** The plan in a YAML text, or all that is wrong with it; a text alone for the options is the file's name. */
export const fromYaml = (
  text: string,
  options: YamlOptions | string = {},
): E.Either<readonly (Problem | LocatedProblem)[], Plan<Runnable>> => {
  const { file = 'pipeline.yaml', ops = [] } = typeof options === 'string' ? { file: options } : options
  return pipe(
    registryWith(ops.map(({ spec }) => spec)),
    E.mapLeft(problemsIn),
    E.chainW((known) => readPlan(known, file, text, [], crossCheck(known))),
    // Reading has made sure of what the type says.
    E.map(({ plan }) => plan as Plan<Runnable>),
  )
}

/** A failure in words, for people: what, where, why, and how to mend it. */
export const describe = (failure: Failure): string => failureText(failure)
