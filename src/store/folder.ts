/** The run's folder: what is in it, and that nothing which was there is lost. */
import { appendFile, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command, pathHere, pathWord } from '../base/command'
import { type Failure, missing } from '../base/failure'
import { makeFolders } from '../base/makeFolders'
import { fileFailure, removeUnfinished } from '../io/files'

export interface RunFolder {
  readonly path: string
  /** The pipeline as it was given. */
  readonly given: string
  /** The pipeline in full, defaults and overrides included. */
  readonly resolved: string
  /** Versions, seed, data. */
  readonly about: string
  /** One JSON object a line. */
  readonly metrics: string
  /** Alarms, one JSON object a line; there only if one was raised. */
  readonly alarms: string
  /** The page that tells of the run. */
  readonly report: string
  /** What 'ibot eval' measured, one JSON object a line; there only if it did. */
  readonly evaluations: string
  /** Pictures that can't be read, one JSON object a line. */
  readonly damaged: string
  /** What every picture held when the run began, see `contents.ts`; there only if that was asked for. */
  readonly contents: string
  /** What loggers call the run, so that they go on with it; there only if there are any. */
  readonly loggers: string
  readonly checkpoints: string
  /** Which process writes here; there only while one does. */
  readonly lock: string
  /** Modules of the user's ops that the run is made with: commands must name them. */
  readonly modules: readonly string[]
}

/** The options that name modules of the user's ops. */
export const opsOptions = (modules: readonly string[]): readonly string[] =>
  modules.flatMap((module) => ['--ops', pathHere(module)])

/** The command that goes on with a run. */
export const resumeCommand = ({ path, modules }: RunFolder, ...options: readonly string[]): string =>
  command('ibot', 'run', '--resume', pathWord(path), ...opsOptions(modules), ...options)

/** The name of a checkpoint, with its step. */
export const CHECKPOINT = /^step-(\d+)\.safetensors$/

export const runFolder = (path: string, modules: readonly string[] = []): RunFolder => ({
  path,
  modules,
  given: join(path, 'pipeline.yaml'),
  resolved: join(path, 'resolved.yaml'),
  about: join(path, 'run.json'),
  metrics: join(path, 'metrics.jsonl'),
  alarms: join(path, 'alarms.jsonl'),
  report: join(path, 'report.html'),
  evaluations: join(path, 'eval.jsonl'),
  damaged: join(path, 'damaged.jsonl'),
  contents: join(path, 'contents.bin'),
  loggers: join(path, 'loggers.json'),
  checkpoints: join(path, 'checkpoints'),
  lock: join(path, 'run.lock'),
})

const notFree = (path: string): Failure =>
  missing(
    `the folder ${path} isn't empty, and a run overwrites nothing`,
    `Choose another folder, or go on with the run in it: ${resumeCommand(runFolder(path))}`,
  )

/**
 * Whether a run may begin in a folder: it is absent or empty, or a run that was killed before its record was complete
 * has left nothing but its beginnings there. It had found the folder empty: it locks no other. One that couldn't even lock it
 * has left a folder in it, for its checkpoints.
 */
const isFree = async (path: string): Promise<boolean> => {
  try {
    const names = await readdir(path)
    const { given, about, contents, checkpoints, lock } = runFolder('')
    const own = (name: string) => [given, about, contents, checkpoints, lock].includes(name) || /\.[0-9a-f]{12}\.tmp$/.test(name)
    if (names.length === 1 && names[0] === checkpoints) return (await readdir(join(path, checkpoints))).length === 0
    return names.length === 0 || (names.includes(lock) && names.every(own))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

/** A folder that no run has begun in. */
export const checkFree = (folder: RunFolder): TE.TaskEither<Failure, void> =>
  pipe(
    TE.tryCatch(
      async () => (await readdir(folder.path)).includes(basename(folder.resolved)),
      fileFailure(`cannot read the folder ${folder.path}`),
    ),
    TE.chain((begun) => (begun ? TE.left(notFree(folder.path)) : TE.right(undefined))),
  )

/** Whether the folder that is asked for is free, before a run is made ready for it. */
export const checkOut = (out: string | undefined): TE.TaskEither<Failure, void> =>
  out === undefined
    ? TE.right(undefined)
    : pipe(
        TE.tryCatch(() => isFree(out), fileFailure(`cannot make the run's folder ${out}`)),
        TE.chain((free) => (free ? TE.right(undefined) : TE.left(notFree(out)))),
      )

/** Makes the folder of a new run: the one that is asked for, which must be free, or the first free one of runs/NAME, runs/NAME-2, … */
export const createRunFolder =
  (name: string, out: string | undefined, modules: readonly string[] = []): TE.TaskEither<Failure, RunFolder> =>
  async () => {
    try {
      if (out !== undefined && !(await isFree(out))) return TE.left(notFree(out))()
      await makeFolders(out ?? 'runs')
      const path = out ?? (await firstFree(name))
      await makeFolders(join(path, 'checkpoints'))
      return TE.right(runFolder(path, modules))()
    } catch (error) {
      return TE.left(fileFailure(`cannot make the run's folder ${out ?? join('runs', name)}`)(error))()
    }
  }

/** Empties the folder of a run that could not even begin. */
export const abandonRun = ({ given, about, resolved, contents, checkpoints }: RunFolder): TE.TaskEither<Failure, void> =>
  TE.fromTask(async () => {
    for (const path of [given, about, resolved, contents]) await rm(path, { force: true }).catch(() => undefined)
    await rmdir(checkpoints).catch(() => undefined)
  })

/** Removes what a process that was killed left half written. */
export const tidyRun = ({ modules: _modules, ...folder }: RunFolder): TE.TaskEither<Failure, void> => {
  const own = Object.values(folder).map((path) => basename(path))
  return pipe(
    removeUnfinished(folder.path, (name) => own.includes(name)),
    TE.chain(() => removeUnfinished(folder.checkpoints, (name) => CHECKPOINT.test(name))),
  )
}

/** Takes the first name that is free; making the folder is what takes it, so that two runs never get the same. */
const firstFree = async (name: string): Promise<string> => {
  for (let i = 1; ; i++) {
    const path = join('runs', i === 1 ? name : `${name}-${i}`)
    try {
      await mkdir(path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const addLine = (path: string, line: object): TE.TaskEither<Failure, void> =>
  TE.tryCatch(() => appendFile(path, `${JSON.stringify(line)}\n`), fileFailure(`cannot write ${path}`))

/** Adds a line to the metrics. */
export const logMetrics = (folder: RunFolder, line: Readonly<Record<string, unknown>>): TE.TaskEither<Failure, void> =>
  addLine(folder.metrics, line)

/** Adds a line to the alarms. */
export const logAlarm = (folder: RunFolder, alarm: object): TE.TaskEither<Failure, void> => addLine(folder.alarms, alarm)
