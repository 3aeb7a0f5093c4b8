/** loggers.json: what loggers call a run, each by its name, numbered from the second of that name on, so that a run goes on there, too. */
import { readFile } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import type { Json } from '../dsl/type'
import { writeAtomically } from '../io/files'
import type { RunFolder } from './folder'

type Kept = Readonly<Record<string, Json>>

/** What is kept by several loggers, written one after the other. */
export interface LoggerMemories {
  readonly known: (name: string) => Json | undefined
  /** Keeps what a logger is to know when the run goes on; without it the run is a new one there then. */
  readonly keep: (name: string, value: Json) => Promise<E.Either<Failure, void>>
}

/** A file that is gone or garbled costs no more than a second run on the server. */
const keptIn = async (path: string): Promise<Kept> => {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Kept) : {}
  } catch {
    return {}
  }
}

export const loggerMemories = async ({ loggers: path }: Pick<RunFolder, 'loggers'>): Promise<LoggerMemories> => {
  let all = await keptIn(path)
  let writing: Promise<E.Either<Failure, void>> = Promise.resolve(E.right(undefined))
  return {
    known: (name) => all[name],
    keep: (name, value) => {
      all = { ...all, [name]: value }
      const text = `${JSON.stringify(all, null, 2)}\n`
      writing = writing.then(() => writeAtomically(path, text)())
      return writing
    },
  }
}
