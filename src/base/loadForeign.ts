/** Modules that call C libraries are loaded when they are first needed: koffi, by which they do, has no binary for some machines. */
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from './failure'

const isKoffi = (error: unknown): error is Error => error instanceof Error && /koffi/i.test(error.message)

/** The module, or why C libraries can't be called here. */
export const loadForeign = <A>(load: () => Promise<A>): TE.TaskEither<Failure, A> =>
  TE.tryCatch(load, (error) =>
    isKoffi(error)
      ? missing(
          `koffi, which calls libraries, can't be loaded: ${error.message.split('\n')[0]}`,
          'Install on a machine of the same kind as this one, with what npm calls optional: npm install --include=optional.',
        )
      : defect(error),
  )
