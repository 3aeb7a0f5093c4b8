/** Files that a command makes, by names that are free: nothing that was there is overwritten. */
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { isThere } from '../base/isThere'
import { makeFolders } from '../base/makeFolders'
import { fileFailure } from '../io/files'
import { out } from './terminal'

/** One file by the ending of its name: `.png`, `.html`. */
export type Contents = readonly (readonly [ending: string, content: Uint8Array | string])[]

const taken = async (stem: string, contents: Contents): Promise<string | undefined> => {
  for (const [ending] of contents) if (await isThere(`${stem}${ending}`)) return `${stem}${ending}`
  return undefined
}

/** A path without the ending of one of the files, which people write behind it. */
const stemOf = (path: string, contents: Contents): string => {
  const ending = contents.map(([own]) => own).find((own) => path.endsWith(own))
  return ending === undefined ? path : path.slice(0, -ending.length)
}

const freeStem = async (name: string, contents: Contents): Promise<string> => {
  for (let i = 1; ; i++) {
    const stem = i === 1 ? name : `${name}-${i}`
    if ((await taken(stem, contents)) === undefined) return stem
  }
}

/**
 * Writes files of one name and several endings; gives their paths. Where `asked` names them, they must not exist yet; else they
 * get `name`, numbered if that is taken.
 */
export const writeOutputs =
  (name: string, asked: string | undefined, contents: Contents): TE.TaskEither<Failure, readonly string[]> =>
  async () => {
    const stem = asked === undefined ? await freeStem(name, contents) : stemOf(asked, contents)
    const there = await taken(stem, contents)
    if (there !== undefined)
      return E.left(
        missing(`${there} exists, and nothing is overwritten`, "Choose another name for '--out', or move the file away."),
      )
    try {
      await makeFolders(dirname(stem))
      for (const [ending, content] of contents) await fs.writeFile(`${stem}${ending}`, content, { flag: 'wx' })
      return E.right(contents.map(([ending]) => `${stem}${ending}`))
    } catch (error) {
      return E.left(fileFailure(`cannot write ${stem}`)(error))
    }
  }

/** The names of what was made, one a line. */
export const tellPaths = (paths: readonly string[]): void => out.write(paths.map((path) => `${path}\n`).join(''))
