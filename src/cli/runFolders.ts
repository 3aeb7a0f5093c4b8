/** Which run to go on with, from what was written behind `--resume`. */
import * as fs from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, rejected } from '../base/failure'
import { nearest } from '../dsl/nearest'
import { runFolder } from '../store/folder'
import { aboutFile } from './file'

const RUNS = 'runs'

/** When the run in a folder began; undefined if there is none. */
const began = async (path: string): Promise<number | undefined> =>
  fs.stat(runFolder(path).resolved).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

const names = async (): Promise<readonly string[]> => fs.readdir(RUNS).catch(() => [])

/** The folder, if a run is in it; `purpose` says what it is wanted for. */
export const existingRun =
  (path: string, purpose = 'to go on with'): TE.TaskEither<Failure, string> =>
  async () => {
    if ((await began(path)) !== undefined) return TE.right(path)()
    const guess = nearest(basename(path), await names())
    const suggestion = guess === undefined ? `runs lie in ${RUNS}/` : `did you mean '${join(RUNS, guess)}'?`
    return TE.left(rejected([aboutFile(path, 'no-run', `there is no run in this folder ${purpose}`, suggestion)]))()
  }

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
