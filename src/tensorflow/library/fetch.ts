/** Fetches TensorFlow's C library into the cache. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { placeOf } from '../../wheels/cache'
import { type FetchOptions as AnyFetchOptions, fetchWheels } from '../../wheels/fetch'
import { inCache } from './find'
import { type Host, thisHost } from './host'
import type { Library } from './library'
import { WHEELS, type WheelTable, wheelsFor } from './wheels'

export interface FetchOptions extends AnyFetchOptions {
  readonly host?: Host
  readonly table?: WheelTable
}

/** Fetches the library, unless it is there. */
export const fetchLibrary = ({
  host = thisHost(),
  table = WHEELS,
  ...options
}: FetchOptions = {}): TE.TaskEither<Failure, Library> =>
  pipe(
    TE.fromEither(wheelsFor(host, table)),
    TE.chainFirst((set) => fetchWheels(set, { ...options, host })),
    TE.chain((set) =>
      TE.fromOption(() => missing(`${placeOf(host, set)} isn't complete`, 'Run ibot setup again.'))(inCache(host, set)),
    ),
  )
