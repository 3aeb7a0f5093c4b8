/** The list of pictures that can't be read: each is named once in the run's folder, and too many of them end the run. */
import { appendFile } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../io/files'
import { linesIn } from '../io/lines'
import type { Source } from '../io/source'
import { type RunFolder, resumeCommand } from '../store/folder'
import { damageTally, type Report } from './damaged'

export interface DamageList {
  readonly report: Report
  /** How many pictures couldn't be read since this process began. */
  readonly count: () => number
}

/** What a picture is told by: its file, or for those that have none of their own the source; and its number there. */
const placeOf = (source: Source, image: number) => ({ path: source.path?.(image) ?? source.name, image })
type Place = ReturnType<typeof placeOf>
const keyOf = ({ path, image }: Place): string => `${path} ${image}`

/** What a line lists; nothing for one that was cut off or garbled. */
const placeIn = (line: string): readonly Place[] => {
  try {
    const { path, image } = JSON.parse(line) as Partial<Place>
    return typeof path === 'string' && typeof image === 'number' ? [{ path, image }] : []
  } catch {
    return []
  }
}

/** The pictures that a file lists already. */
const placesIn = async (file: string): Promise<Set<string>> => {
  const found = new Set<string>()
  try {
    for await (const lines of linesIn(file)) for (const place of lines.flatMap(placeIn)) found.add(keyOf(place))
  } catch {
    // A list that isn't there, or can't be read, lists nothing.
  }
  return found
}

/** The list in a run's folder, which one that goes on continues; `notify` hears of the first picture. */
export const damageList = async (folder: RunFolder, maxBad: number, notify: (message: string) => void): Promise<DamageList> => {
  const { damaged: file } = folder
  const listed = await placesIn(file)
  const tally = damageTally(maxBad)

  const tooMany = (message: string, share: number): Failure =>
    missing(
      message,
      `Fix those that ${file} lists and begin again, or accept more: ${resumeCommand(folder, '--set', `train.maxBad=${Math.min(0.5, 2 * Math.max(maxBad, share)).toPrecision(1)}`)}`,
    )

  return {
    count: tally.count,
    report: async (source, found) => {
      const { fresh, isFirst, bad, tooMany: why } = tally.add(source, found)
      if (fresh.length === 0) return E.right(undefined)
      if (isFirst)
        notify(`${fresh[0]!.reason}. It is left out, and so is every other picture that can't be read; ${file} lists them`)
      const lines = fresh.flatMap(({ image, reason }) => {
        const place = placeOf(source, image)
        return listed.has(keyOf(place)) ? [] : [JSON.stringify({ ...place, reason })]
      })
      try {
        if (lines.length > 0) await appendFile(file, lines.map((line) => `${line}\n`).join(''))
      } catch (error) {
        return E.left(fileFailure(`cannot write ${file}`)(error))
      }
      return why === undefined ? E.right(undefined) : E.left(tooMany(why, bad / source.count))
    },
  }
}
