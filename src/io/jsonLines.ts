/** JSON Lines that a process may still be writing, or was killed while it wrote. */
import { linesIn } from './lines'

/** An object in a line. */
export type JsonLine = Readonly<Record<string, unknown>>

/** The object in a line; undefined for one that is garbled or was not written to its end. */
const objectIn = (line: string): JsonLine | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonLine) : undefined
  } catch {
    return undefined
  }
}

/** The objects in a file, those of a chunk of it at once; a file that isn't there has none. Rejects as reading a file does. */
export async function* objectsIn(path: string): AsyncGenerator<readonly JsonLine[], void, undefined> {
  try {
    for await (const lines of linesIn(path))
      yield lines.flatMap((line) => {
        const object = objectIn(line)
        return object === undefined ? [] : [object]
      })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
