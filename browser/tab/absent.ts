/** Sources that a tab can't open. */
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../src/base/failure'

export const absent = (op: string) => (): TE.TaskEither<Failure, never> =>
  TE.left(
    missing(
      `'${op}' is not to be had in a browser`,
      "Drop a folder of pictures and name it by 'imageFolder', or use 'fashionMnist' or 'shapes'.",
    ),
  )
