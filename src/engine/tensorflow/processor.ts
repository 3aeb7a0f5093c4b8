/** Whether this processor can run TensorFlow. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'

/** The library's own code needs AVX: without, it would end this process as soon as it is loaded. */
export const checkProcessor = (arch: string, features: readonly string[] | undefined): E.Either<Failure, void> =>
  arch !== 'x64' || features === undefined || features.includes('avx')
    ? E.right(undefined)
    : E.left(missing('TensorFlow needs a processor with AVX, and this one has none', "Compute without it: '--backend wasm'."))
