/**
 * What was dropped on the page, which is all that a tab has of a disk: files by their paths, which begin with the name of the
 * folder that was dropped. As a disk it is the same for all, and changes.
 */
import { listed } from '../../src/base/listed'

const files = new Map<string, File>()

/** A file, and its path from the folder on that was dropped. */
export interface Dropped {
  readonly path: string
  readonly file: File
}

const clean = (path: string): string => path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '')

const topOf = (path: string): string => path.split('/')[0]!

/** Takes files in; a folder of the same name that was dropped before is gone. */
export const drop = (dropped: readonly Dropped[]): void => {
  const tops = new Set(dropped.map(({ path }) => topOf(path)))
  for (const path of [...files.keys()]) if (tops.has(topOf(path))) files.delete(path)
  for (const { path, file } of dropped) files.set(path, file)
}

export const droppedFile = (path: string): File | undefined => files.get(clean(path))

/** The files below a folder, by their paths in it. */
export const droppedBelow = (folder: string): readonly (readonly [path: string, file: File])[] => {
  const prefix = `${clean(folder)}/`
  return [...files].flatMap(([path, file]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), file] as const] : []))
}

/** What there is, for somebody who looked for something else. */
export const whatIsDropped = (): string => {
  const tops = [...new Set([...files.keys()].map(topOf))]
  return tops.length === 0
    ? 'no folder was dropped on this page'
    : `it is not among what was dropped, which is ${listed(tops, 5)}`
}
