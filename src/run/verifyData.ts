/** `--verify-data`: what every picture of a run holds, hashed when it begins and compared when it goes on. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, stoppedBy } from '../base/failure'
import type { OpenedProbe } from '../evaluate/openProbes'
import { type Hashes, hashesOf } from '../io/contents'
import type { Source } from '../io/source'
import type { Opened } from '../program/openPlan'
import type { About } from '../store/about'
import { type Contents, checkContents, type HashedSet, hasContents, writeContents } from '../store/contents'
import type { RunFolder } from '../store/folder'
import type { RunEvent } from './events'

export interface Verifying {
  readonly opened: Pick<Opened, 'source'>
  readonly probes: readonly OpenedProbe[]
  readonly folder: RunFolder
  readonly tell: (event: RunEvent) => void
  readonly signal: AbortSignal | undefined
}

/** The sets of pictures that probes have for themselves, by the probe and its field: `knn.test`. */
export const ownSets = (probes: readonly OpenedProbe[]): readonly (readonly [name: string, source: Source])[] =>
  probes.flatMap(({ name, sets }) => sets.flatMap((set) => (set.own ? [[`${name}.${set.name}`, set.source] as const] : [])))

/** Hashes of all pictures; a source that several sets share is read once. */
const hashed = ({ opened, probes, tell, signal }: Verifying): TE.TaskEither<Failure, readonly HashedSet[]> => {
  const known = new Map<Source, Hashes>()
  const hashesFor = (source: Source): TE.TaskEither<Failure, Hashes> => {
    const before = known.get(source)
    if (before !== undefined) return TE.right(before)
    const onProgress = (done: number, total: number) => tell({ event: 'verify', source: source.name, done, total })
    return pipe(
      hashesOf(source, { onProgress, signal }),
      TE.map((hashes) => {
        known.set(source, hashes)
        return hashes
      }),
    )
  }
  return pipe(
    [['dataset', opened.source] as const, ...ownSets(probes)],
    TE.traverseSeqArray(([name, source]) =>
      pipe(
        hashesFor(source),
        TE.map((hashes): HashedSet => ({ name, source, hashes })),
      ),
    ),
    TE.mapLeft((failure) =>
      signal?.aborted === true
        ? stoppedBy(signal, 'the pictures were not looked at to the end, and nothing was trained', 'Start again.')
        : failure,
    ),
  )
}

/** Records what the pictures of a new run hold; gives what run.json is to say. */
export const recordData = (verifying: Verifying): TE.TaskEither<Failure, Contents> =>
  pipe(
    hashed(verifying),
    TE.chain((sets) => writeContents(verifying.folder, sets)),
  )

/** Compares what they hold with what they held when the run began. One that has recorded nothing does so now: that is given. */
export const verifyData =
  (verifying: Verifying) =>
  (about: About): TE.TaskEither<Failure, Contents | undefined> => {
    const { folder, tell } = verifying
    if (hasContents(about))
      return pipe(
        hashed(verifying),
        TE.chain((sets) => checkContents(folder, about, sets)),
        TE.map(() => undefined),
      )
    tell({
      event: 'note',
      message: "the run began without '--verify-data': what its pictures hold is recorded now, and compared the next time",
    })
    return recordData(verifying)
  }
