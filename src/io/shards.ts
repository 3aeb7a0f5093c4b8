/** Lists of files as people write them for data sets in many pieces: `train-{000000..000146}.tar`, `train-*.parquet`. */
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { expand } from 'brace-expansion'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { globSync } from 'tinyglobby'
import { type Failure, missing } from '../base/failure'
import { byCodePoint } from './codePoints'

const isGlob = (pattern: string): boolean => /[*?[]/.test(pattern)

/** Braces name files, each of which must be there; a star asks which there are. */
const filesOf = (pattern: string): E.Either<Failure, readonly string[]> => {
  if (existsSync(pattern)) return E.right([pattern])
  const expanded = expand(pattern)
  const named = expanded.filter((one) => !isGlob(one))
  const gone = named.filter((path) => !existsSync(path))
  if (gone.length > 0)
    return E.left(
      missing(
        `${gone[0]} is not there${gone.length > 1 ? `, nor are ${gone.length - 1} more of the ${named.length} files` : ''}${pattern === gone[0] ? '' : ` of ${pattern}`}`,
        'Check the path; it is taken from the folder in which the command runs.',
      ),
    )
  return pipe(
    expanded.map((one) =>
      isGlob(one) ? globSync(one, { absolute: isAbsolute(one), expandDirectories: false }).sort(byCodePoint) : [one],
    ),
    (found) => {
      const empty = found.findIndex((files) => files.length === 0)
      return empty === -1
        ? E.right(found.flat())
        : E.left(missing(`${expanded[empty]} matches no file`, 'Check the pattern; * stands for any part of a name.'))
    },
  )
}

/** The files that patterns stand for, in their order, those of a star sorted by code points; a file named twice counts once. */
export const shardFiles = (patterns: readonly string[]): E.Either<Failure, readonly string[]> => {
  const all = new Set<string>()
  for (const pattern of patterns) {
    const files = filesOf(pattern)
    if (E.isLeft(files)) return files
    for (const file of files.right) all.add(file)
  }
  return E.right([...all])
}
