/**
 * What every picture held when a run began: hashes in `contents.bin`, 8 bytes a picture (uint64, little-endian), set after set. run.json
 * names the sets in their order, how many pictures each has, and the SHA-256 of the file.
 */
import { createHash } from 'node:crypto'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Json } from '../dsl/type'
import type { Hashes } from '../io/contents'
import { readFile, writeAtomically } from '../io/files'
import { pictureName, type Source } from '../io/source'
import type { About } from './about'
import type { RunFolder } from './folder'

/** Pictures of a run: `dataset`, or those that a probe has for itself, `knn.test`; and what they hold. */
export interface HashedSet {
  readonly name: string
  readonly source: Source
  readonly hashes: Hashes
}

/** What run.json says of them. */
export interface Contents {
  readonly pictures: Readonly<Record<string, number>>
  readonly sha256: string
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Hashes): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Writes what pictures hold; gives what run.json is to say. */
export const writeContents = ({ contents }: RunFolder, sets: readonly HashedSet[]): TE.TaskEither<Failure, Contents> => {
  const bytes = Buffer.concat(sets.map(({ hashes }) => bytesOf(hashes)))
  return pipe(
    writeAtomically(contents, bytes),
    TE.map(() => ({
      pictures: Object.fromEntries(sets.map(({ name, hashes }) => [name, hashes.length])),
      sha256: sha256(bytes),
    })),
  )
}

const recordedIn = ({ contents }: About): Contents | undefined => {
  const { pictures, sha256: hash } = (contents ?? {}) as { readonly pictures?: Json; readonly sha256?: Json }
  return typeof hash === 'string' && typeof pictures === 'object' && pictures !== null
    ? { pictures: pictures as Contents['pictures'], sha256: hash }
    : undefined
}

/** Whether a run has recorded what its pictures hold. */
export const hasContents = (about: About): boolean => recordedIn(about) !== undefined

/** The hashes of each set, by its name. */
const readContents = (
  { contents }: RunFolder,
  { pictures, sha256: expected }: Contents,
): TE.TaskEither<Failure, ReadonlyMap<string, Hashes>> =>
  pipe(
    readFile(contents, 'what the pictures of the run held'),
    TE.filterOrElse(
      (bytes) => sha256(bytes) === expected,
      () => missing(`${contents} is not what the run has written`, 'It belongs to the run; put it back as it was.'),
    ),
    TE.map((bytes) => {
      const hashes = new BigUint64Array(Uint8Array.from(bytes).buffer)
      let start = 0
      return new Map(
        Object.entries(pictures).map(([name, count]) => {
          start += count
          return [name, hashes.subarray(start - count, start)]
        }),
      )
    }),
  )

/** So many are named. */
const NAMED = 5

const changedIn = ({ source, hashes }: HashedSet, before: Hashes): readonly string[] =>
  Array.from(hashes.keys()).flatMap((i) => (hashes[i] === before[i] ? [] : [pictureName(source, i)]))

const changedText = ({ source }: HashedSet, changed: readonly string[]): string => {
  const more = changed.length - NAMED
  const names = `${changed.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`
  return `${changed.length.toLocaleString('en-US')} of the ${source.count.toLocaleString('en-US')} pictures of ${source.name} (${names})`
}

/** Fails where pictures hold something else than when the run began, and names them; sets that weren't recorded are passed over. */
export const checkContents = (folder: RunFolder, about: About, sets: readonly HashedSet[]): TE.TaskEither<Failure, void> => {
  const recorded = recordedIn(about)
  if (recorded === undefined) return TE.right(undefined)
  return pipe(
    readContents(folder, recorded),
    TE.chain((before) => {
      const changed = sets.flatMap((set) => {
        const known = before.get(set.name)
        const names = known === undefined ? [] : changedIn(set, known)
        return names.length === 0 ? [] : [changedText(set, names)]
      })
      return changed.length === 0
        ? TE.right(undefined)
        : TE.left(
            missing(
              `${changed.join(', and ')} ${changed.length === 1 && changed[0]!.startsWith('1 ') ? 'has' : 'have'} changed since the run in ${folder.path} began`,
              "Put them back as they were, or start a new run; without '--verify-data' the run goes on with them.",
            ),
          )
    }),
  )
}
