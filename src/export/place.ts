/** Where an export is made: beside its place, into which it moves when it has proven right. */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { makeFolders } from '../base/makeFolders'
import { fileFailure } from '../io/files'

const exists = async (path: string): Promise<boolean> =>
  fs.lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )

/** Refuses a place where something is. */
const free = (path: string): TE.TaskEither<Failure, void> =>
  pipe(
    TE.tryCatch(() => exists(path), fileFailure(`cannot write ${path}`)),
    TE.chainEitherK((taken) =>
      taken
        ? E.left(missing(`${path} is there already, and an export overwrites nothing`, "Choose another place with '--out'."))
        : E.right(undefined),
    ),
  )

/** Makes something in a place of its own, and moves it to `path` if that succeeds; else nothing is left of it. */
export const inPlace = <A>(
  path: string,
  isFolder: boolean,
  make: (temporary: string) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const remove = TE.tryCatch(() => fs.rm(temporary, { recursive: true, force: true }), fileFailure(`cannot remove ${temporary}`))
  return pipe(
    free(path),
    TE.chain(() =>
      TE.tryCatch(
        async () => {
          await makeFolders(isFolder ? temporary : dirname(path))
        },
        fileFailure(`cannot write ${path}`),
      ),
    ),
    TE.chain(() => make(temporary)),
    TE.chainFirst(() => free(path)),
    TE.chainFirst(() => TE.tryCatch(() => fs.rename(temporary, path), fileFailure(`cannot write ${path}`))),
    TE.orElse((failure) =>
      pipe(
        remove,
        TE.chain(() => TE.left(failure)),
      ),
    ),
  )
}
