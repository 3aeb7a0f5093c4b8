/** Commands as they are written for a shell, in messages that tell what to do next. */
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** The words of a command as one line that a shell takes apart again. */
export const command = (...words: readonly string[]): string => words.map(quoted).join(' ')

/** A path as a command's word: one that begins with a dash would be taken for an option. */
export const pathWord = (path: string): string => (path.startsWith('-') ? `./${path}` : path)

/** A path or a `file:` URL as a path. */
export const pathOf = (file: string): string => (file.startsWith('file:') ? fileURLToPath(file) : file)

/** A path as it is written here: from the current folder on, where it lies below that. */
export const pathHere = (file: string): string => {
  const path = pathOf(file)
  const below = relative('', path)
  return below === '' || below === '..' || below.startsWith(`..${sep}`) ? path : below
}
