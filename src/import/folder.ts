/** The folder of an import, in which nothing may be yet. */
import { readdir } from 'node:fs/promises'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { makeFolders } from '../base/makeFolders'
import { fileFailure } from '../io/files'

/** Makes a folder where there is none; one that isn't empty is refused. */
export const emptyFolder =
  (path: string): TE.TaskEither<Failure, void> =>
  async () => {
    try {
      await makeFolders(path)
      if ((await readdir(path)).length === 0) return TE.right(undefined)()
      return TE.left(
        missing(`the folder ${path} isn't empty, and an import overwrites nothing`, "Choose another folder with '--out'."),
      )()
    } catch (error) {
      return TE.left(fileFailure(`cannot make the folder ${path}`)(error))()
    }
  }
