/** The user's ops that a run was made with: a command that lacks one says how to name it. None is loaded because a folder says so. */
import { existsSync } from 'node:fs'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { command, pathHere } from '../base/command'
import { type Failure, rejected } from '../base/failure'
import type { Registry } from '../dsl/registry'
import { readAbout } from '../store/about'
import { opsOptions, runFolder } from '../store/folder'
import { changedModules, changedSince, type OwnOp, recordedOps, unknownOps } from '../store/ownOps'
import { aboutFile } from './file'

/** Those in the record of a run; a record that can't be read is for others to tell of. */
const opsOf = (path: string): T.Task<readonly OwnOp[]> =>
  pipe(
    readAbout(runFolder(path)),
    TE.match(() => [], recordedOps),
  )

const isThere = ({ module }: OwnOp): boolean => module !== null && existsSync(module)

const originOf = ({ module }: OwnOp): string =>
  module === null
    ? 'a program defined it for the run'
    : `it comes from ${pathHere(module)}${existsSync(module) ? '' : ", which isn't there any more"}`

/** The command that was given, with all modules that it lacks. */
const remedy = (unknown: readonly OwnOp[]): string => {
  const modules = [...new Set(unknown.filter(isThere).map(({ module }) => module!))]
  const given = command('ibot', ...process.argv.slice(2), ...opsOptions(modules))
  return unknown.every(isThere) ? `if you trust that code: ${given}` : `name the module that exports it now: ${given} --ops FILE`
}

/** Whether a command knows all ops of a run. */
export const checkOps = (registry: Registry, path: string): TE.TaskEither<Failure, void> =>
  pipe(
    TE.fromTask<readonly OwnOp[], Failure>(opsOf(path)),
    TE.chainEitherK((recorded) => {
      const unknown = unknownOps(registry, recorded)
      const problems = unknown.map((op, i) =>
        aboutFile(
          path,
          'unknown-op',
          `unknown ${op.kind} '${op.name}': ${originOf(op)}`,
          i === unknown.length - 1 ? remedy(unknown) : undefined,
        ),
      )
      return problems.length === 0 ? E.right(undefined) : E.left(rejected(problems))
    }),
  )

/** What has changed of the ops since a run began, in words. */
export const changesOf = (registry: Registry, path: string): T.Task<readonly string[]> =>
  pipe(
    opsOf(path),
    T.chain((recorded) => changedModules(registry, recorded)),
    T.map((modules) => modules.map(changedSince)),
  )
