/** The library that is there, or else is fetched. */
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { type FetchOptions, fetchLibrary } from './fetch'
import { findLibrary } from './find'
import { thisHost } from './host'
import { isTooOld, type Library } from './library'
import { WHEELS } from './wheels'

export interface Provided {
  readonly library: Library
  /** Whether it wasn't there before. */
  readonly fetched: boolean
}

/** Whether what was found will do. */
const willDo = ({ source, version }: Library): boolean =>
  source === 'IBOT_TENSORFLOW' || version === undefined || !isTooOld(version)

/** Finds the library, or fetches it unless `download` is false. */
export const provideLibrary = (
  options: FetchOptions & { readonly download?: boolean } = {},
): TE.TaskEither<Failure, Provided> => {
  const { download = true, host = thisHost(), table = WHEELS } = options
  return pipe(
    findLibrary(host, table),
    TE.chain((found) => {
      if (O.isSome(found) && willDo(found.value)) return TE.right({ library: found.value, fetched: false })
      if (download) return TE.map((library: Library) => ({ library, fetched: true }))(fetchLibrary({ ...options, host, table }))
      return TE.left(
        missing(
          "TensorFlow's library isn't there, and may not be downloaded",
          'Fetch it with ibot setup, or compute without it.',
        ),
      )
    }),
  )
}
