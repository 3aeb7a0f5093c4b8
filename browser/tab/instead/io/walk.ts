/** The files of a folder that was dropped. */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { missing } from '../../../../src/base/failure'
import { byCodePoint } from '../../../../src/io/codePoints'
import type * as original from '../../../../src/io/walk'
import { droppedBelow, whatIsDropped } from '../../dropped'

export const NO_FILE: typeof original.NO_FILE = -1

export const checkFolder: typeof original.checkFolder = (root) =>
  droppedBelow(root).length > 0
    ? E.right(undefined)
    : E.left(
        missing(
          `cannot read the folder of pictures ${root}: ${whatIsDropped()}`,
          'Drop the folder on the page, and name it as it is called.',
        ),
      )

const isHidden = (path: string): boolean => path.split('/').some((name) => name.startsWith('.'))

export const walkFiles: typeof original.walkFiles = (root, visit) => {
  const folders = new Set<string>()
  const found = droppedBelow(root).filter(([path]) => !isHidden(path))
  for (const [path, { size }] of found.toSorted(([a], [b]) => byCodePoint(a, b))) {
    const [first, ...rest] = path.split('/')
    const folder = rest.length === 0 ? undefined : first!
    if (folder !== undefined) folders.add(folder)
    visit(path, size, folder)
  }
  return TE.right([...folders].sort(byCodePoint))
}
