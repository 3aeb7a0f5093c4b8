/** The runs that a command names: those in folders, and the newest one of a pipeline. */
import * as fs from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command } from '../base/command'
import { type Failure, rejected } from '../base/failure'
import { nearest } from '../dsl/nearest'
import type { Registry } from '../dsl/registry'
import { runFolder } from '../store/folder'
import { hasNetwork } from '../store/pipelineFile'
import { sweepFolder } from '../sweep/record'
import { aboutFile } from './file'
import { openRegistry } from './ops'
import { changesOf, checkOps } from './runOps'
import { err, lineTo } from './terminal'

const RUNS = 'runs'

/** When the run in a folder began; undefined if there is none. */
const began = async (path: string): Promise<number | undefined> =>
  fs.stat(runFolder(path).resolved).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

const names = async (): Promise<readonly string[]> => fs.readdir(RUNS).catch(() => [])

const isSweep = (path: string): Promise<boolean> => isFile(sweepFolder(path).record)

/** Whether there is a run in a folder. */
export const foundRun =
  (path: string, purpose: string): TE.TaskEither<Failure, void> =>
  async () => {
    if ((await began(path)) !== undefined) return E.right(undefined)
    const others = (await names()).filter((name) => resolve(RUNS, name) !== resolve(path))
    const guess = nearest(basename(path), others)
    const suggestion = (await isSweep(path))
      ? `a sweep is in it; its runs are in the folders below: ${join(path, '*')}/`
      : (await hasNetwork(path))
        ? `a pipeline that was never run is in it: ${command('ibot', 'run', runFolder(path).given)}`
        : guess === undefined
          ? `runs are in ${RUNS}/`
          : `did you mean '${join(RUNS, guess)}'?`
    return E.left(rejected([aboutFile(path, 'no-run', `there is no run in this folder ${purpose}`, suggestion)]))
  }

/** The folder, if a run is in it, all of whose ops are known. */
export const existingRun = (registry: Registry, path: string, purpose = 'to go on with'): TE.TaskEither<Failure, string> =>
  pipe(
    foundRun(path, purpose),
    TE.chain(() => checkOps(registry, path)),
    TE.map(() => path),
  )

/** A run, or an import of weights, that a command reads, and the ops that it reads it with. */
export interface OpenedRun {
  readonly registry: Registry
  /** The folder. */
  readonly run: string
}

/** The run in a folder for a command that reads it; `purpose` says for what, `ops` are the modules that the command names. */
export const openRun = (path: string, purpose: string, ops: readonly string[] | undefined): TE.TaskEither<Failure, OpenedRun> =>
  pipe(
    openRegistry(ops),
    TE.bindTo('registry'),
    TE.bind('run', ({ registry }) => existingRun(registry, path, purpose)),
    TE.chainFirstTaskK(({ registry, run }) => async () => {
      for (const message of await changesOf(registry, run)()) lineTo(err)(message)
    }),
  )

/** The same of a folder with a run or an import of weights alone, for a command that reads the network. */
export const openNetwork = (
  path: string,
  purpose: string,
  ops: readonly string[] | undefined,
): TE.TaskEither<Failure, OpenedRun> =>
  pipe(
    TE.fromTask<boolean, Failure>(
      async () => (await began(path)) === undefined && !(await isSweep(path)) && (await hasNetwork(path)),
    ),
    TE.chain((isImport) =>
      isImport ? TE.map((registry: Registry) => ({ registry, run: path }))(openRegistry(ops)) : openRun(path, purpose, ops),
    ),
  )

/** The run of this name that began last: runs/NAME, or runs/NAME-2, … */
export const newestRun =
  (name: string): TE.TaskEither<Failure, string> =>
  async () => {
    const own = (await names()).filter((other) => other === name || /^-\d+$/.test(other.replace(name, '')))
    const found = await Promise.all(own.map(async (other) => ({ path: join(RUNS, other), time: await began(join(RUNS, other)) })))
    const runs = found.filter(({ time }) => time !== undefined).sort((a, b) => b.time! - a.time!)
    const newest = runs[0]
    if (newest !== undefined) return TE.right(newest.path)()
    const suggestion = `leave '--resume' out to begin a run, or name its folder: --resume DIR`
    return TE.left(rejected([aboutFile(join(RUNS, name), 'no-run', `there is no run of '${name}' to go on with`, suggestion)]))()
  }

export const isFile = async (path: string): Promise<boolean> =>
  fs.stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
