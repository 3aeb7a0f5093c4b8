/** Data sets that come as npm packages: only their data files are read, their code is never run. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Source } from './source'

export type Split = 'train' | 'test'

/** Opens one split of a data set; what takes long is told to `onProgress` in a sentence. */
export type OpenSplit = (split: Split, onProgress?: (message: string) => void) => TaskEither<Failure, Source>

/** The folder of an installed npm package: as seen from the current working directory, else from this program itself. */
export const findPackage = (name: string, version: string, whatItHolds: string): E.Either<Failure, string> => {
  for (const from of [join(process.cwd(), 'package.json'), __filename]) {
    try {
      return E.right(dirname(createRequire(from).resolve(`${name}/package.json`)))
    } catch {
      // Not to be found from here.
    }
  }
  return E.left(
    missing(
      `${whatItHolds} comes from the npm package ${name}, which is installed neither in ${process.cwd()} nor beside ibot`,
      `npm install --save-dev ${name}@${version}`,
    ),
  )
}
