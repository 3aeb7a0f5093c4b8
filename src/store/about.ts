/** run.json: what a run's folder says of what it began with. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Json } from '../dsl/type'
import { BACKENDS, type Backend } from '../engine/backends'
import { readFile } from '../io/files'
import { type RunFolder, resumeCommand } from './folder'

/** Where a run comes from that began elsewhere. */
export interface Origin {
  /** A file. */
  readonly from: string
  /** How far it had come. */
  readonly epoch: number | null
  readonly step: number
}

type JsonObject = Readonly<Record<string, Json>>

/** What it holds. */
export type About = JsonObject

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PUT_BACK = 'It belongs to the run; put it back as it was.'

/** What the text of run.json says. */
export const aboutOf = ({ about }: Pick<RunFolder, 'about'>, text: string): E.Either<Failure, About> =>
  pipe(
    E.tryCatch(
      () => JSON.parse(text) as Json,
      () => missing(`${about} is no JSON`, PUT_BACK),
    ),
    E.filterOrElse(isObject, () => missing(`${about} holds no object`, PUT_BACK)),
  )

export const readAbout = (folder: RunFolder): TE.TaskEither<Failure, About> =>
  pipe(
    readFile(folder.about, "the run's record"),
    TE.chainEitherK((bytes) => aboutOf(folder, new TextDecoder().decode(bytes))),
  )

/** Where a run comes from that began elsewhere. */
export const originOf = ({ imported }: About): Origin | undefined => {
  if (!isObject(imported)) return undefined
  const { from, epoch, step } = imported
  return typeof from === 'string' && (typeof epoch === 'number' || epoch === null) && typeof step === 'number'
    ? { from, epoch, step }
    : undefined
}

/** The fingerprint of the data that the run began with; undefined for one that began elsewhere and hasn't gone on here. */
export const recordedData = (folder: RunFolder, about: About): E.Either<Failure, string | undefined> => {
  const { data } = about
  if (isObject(data) && typeof data.fingerprint === 'string') return E.right(data.fingerprint)
  if (data === undefined && originOf(about) !== undefined) return E.right(undefined)
  return E.left(missing(`${folder.about} doesn't say with which data the run began`, PUT_BACK))
}

/** What a run computed with when it began; undefined for one that began elsewhere. */
export const recordedBackend = (folder: RunFolder): TE.TaskEither<Failure, Backend | undefined> =>
  pipe(
    readAbout(folder),
    TE.chainEitherK((about) => {
      const { backend } = about
      if (backend === undefined && originOf(about) !== undefined) return E.right(undefined)
      const known = BACKENDS.find((name) => name === backend)
      if (known !== undefined) return E.right(known)
      const names =
        backend === undefined
          ? 'names no backend'
          : `names the backend ${typeof backend === 'string' ? `'${backend}'` : JSON.stringify(backend)}, which this version doesn't have`
      return E.left(
        missing(`${folder.about} ${names}`, `Choose one of ${BACKENDS.join(', ')}: ${resumeCommand(folder)} --backend …`),
      )
    }),
  )
