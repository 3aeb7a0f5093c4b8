/** Whole text files. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { readFile } from './files'

/** What isn't a text in UTF-8. */
export const notUtf8 = (path: string, whatItIs: string): Failure =>
  missing(`${whatItIs} ${path} is not text in UTF-8`, 'Name a text file, or save it as UTF-8.')

/** The text of a file in UTF-8, without a byte order mark. `whatItIs` names its role in messages. */
export const readUtf8 = (path: string, whatItIs: string): TE.TaskEither<Failure, string> =>
  pipe(
    readFile(path, whatItIs),
    TE.chainEitherK((bytes) =>
      E.tryCatch(
        () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
        () => notUtf8(path, whatItIs),
      ),
    ),
  )
