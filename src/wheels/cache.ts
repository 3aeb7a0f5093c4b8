/** Where sets of wheels lie once they are unpacked. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../base/attempt'
import type { Host } from './host'
import type { WheelSet } from './wheel'

type Named = Pick<WheelSet, 'shelf' | 'id'>

/** The folder of all sets of a shelf, and of the lock under which they are fetched. */
export const shelfOf = ({ cache }: Pick<Host, 'cache'>, { shelf }: Pick<WheelSet, 'shelf'>): string => join(cache, shelf)

/** The folder that a set is unpacked to. */
export const placeOf = (host: Pick<Host, 'cache'>, set: Named): string => join(shelfOf(host, set), set.id)

/** The length of a file; undefined where there is none, or none that can be looked at. */
export const sizeOf = (path: string): number | undefined => {
  const found = attempt(() => statSync(path))
  return found?.isFile() ? found.size : undefined
}

/** Whether all files of a set are there in full length. */
export const isWhole = (host: Pick<Host, 'cache'>, set: WheelSet): boolean => {
  const place = placeOf(host, set)
  return set.wheels.every(({ members }) => Object.entries(members).every(([name, bytes]) => sizeOf(join(place, name)) === bytes))
}
