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

/** Whether what was found will do; where GPUs are asked for, only what is known to be for them, or what the user names. */
const willDo = ({ source, build, version }: Library, { build: wanted = 'cpu' }: FetchOptions): boolean => {
  if (source === 'IBOT_TENSORFLOW') return true
  return (version === undefined || !isTooOld(version)) && (wanted === 'cpu' || build === 'gpu')
}

/** Finds the library, or fetches it unless `download` is false. */
export const provideLibrary = (
  options: FetchOptions & { readonly download?: boolean } = {},
): TE.TaskEither<Failure, Provided> => {
  const { download = true, host = thisHost(), table = WHEELS } = options
  return pipe(
    findLibrary(host, table),
    TE.chain((found) => {
      if (O.isSome(found) && willDo(found.value, options)) return TE.right({ library: found.value, fetched: false })
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
