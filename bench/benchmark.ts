/** What a benchmark is, and what all of them are told. */
import * as E from 'fp-ts/Either'
import type { Backend } from '../src/engine/backends'
import type { Outcome } from './outcome'
import { ProgramFailed, ProgramMissing } from './programs/child'

export interface Options {
  /** By default as many as each benchmark thinks right. */
  readonly rounds: number | undefined
  /** What computes on our side. */
  readonly backend: Backend
  /** A small model in place of the large one: to try a benchmark out. */
  readonly small: boolean
  /** Steps of a run, where a benchmark makes one. */
  readonly steps: number | undefined
}

export interface Benchmark {
  readonly name: string
  /** What is measured, in a phrase. */
  readonly doc: string
  readonly run: (options: Options) => Promise<readonly Outcome[]>
}

/** A failing program makes an outcome, like everything else that can come of a benchmark. */
export const outcomesOf = async ({ name, run }: Benchmark, options: Options): Promise<readonly Outcome[]> => {
  try {
    return await run(options)
  } catch (error) {
    if (error instanceof ProgramMissing) return [{ name, notRun: error.message }]
    if (error instanceof ProgramFailed) return [{ name, failed: error.message }]
    throw error
  }
}

/** What is there to be used, or an outcome that says what isn't. */
export const orNotRun = async <A>(
  name: string,
  needed: E.Either<string, A>,
  use: (found: A) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> => (E.isLeft(needed) ? [{ name, notRun: needed.left }] : use(needed.right))
