/** Why a file isn't a plugin that this process can load, in words. Nothing here loads it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { isTooManyFiles, MORE_FILES } from '../base/handles'
import { printable } from '../base/printable'
import { ELF_BYTES, elfHeader, elfLength } from './elf'

const ANOTHER = 'Name another plugin: a library with the function GetPjrtApi, as those of JAX have it.'
const AGAIN = 'Fetch it anew.'

const ELF_LONGEST_TABLE = 65_536

/** The first bytes of a file, from `at` on. */
const bytesOf = (file: number, at: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, at))
}

const wrongIn = (file: number, path: string, arch: string): Failure | undefined => {
  const { size } = fstatSync(file)
  const header = elfHeader(bytesOf(file, 0, ELF_BYTES))
  if (header === undefined) return missing(`${path} is not a library for this system`, ANOTHER)
  if (header.architecture !== arch)
    return missing(`${path} is made for ${header.architecture}, and this is ${arch}`, `Get the plugin that is made for ${arch}.`)
  const { offset, entry, count } = header.table
  const needed = elfLength(bytesOf(file, offset, Math.min(entry * count, ELF_LONGEST_TABLE)), header)
  return offset + entry * count > size || needed > size
    ? missing(`${path} is damaged: it has ${size} bytes, and must have ${Math.max(needed, offset + entry * count)}`, AGAIN)
    : undefined
}

/** A failure if the file isn't there, or is damaged or made for another processor, as far as its beginning tells. */
export const checkPluginFile = (
  path: string,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): E.Either<Failure, void> => {
  try {
    const file = openSync(path, 'r')
    try {
      if (fstatSync(file).isDirectory()) return E.left(missing(`the XLA plugin ${path} is a folder`, 'Name the library in it.'))
      const wrong = platform === 'linux' ? wrongIn(file, path, arch) : undefined
      return wrong === undefined ? E.right(undefined) : E.left(wrong)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return E.left(fileFailure(`cannot read the XLA plugin ${path}`)(error))
  }
}

/** Libraries that come with drivers, and of which device. */
const DRIVERS: readonly (readonly [library: RegExp, whose: string])[] = [
  [/^(libcuda\.so|libnvidia-)/, 'NVIDIA'],
  [/^(libamdhip|libhsa-|librocm)/, 'AMD'],
  [/^(libze_loader)/, 'Intel'],
]

/** What the system's loader says of a library that it can't load, as a failure. */
export const loadFailure = (path: string, error: unknown): Failure => {
  const text = error instanceof Error ? error.message : String(error)
  const said = printable(text.replace(/^Failed to load shared library: /, '').split('\n')[0]!)
  if (isTooManyFiles(error)) return missing(`the XLA plugin ${path} could not be loaded: ${said}`, MORE_FILES)
  const lacking = /^(?!\/)(\S+): cannot open shared object file/.exec(said)?.[1] ?? /Library not loaded: (\S+)/.exec(said)?.[1]
  if (lacking !== undefined) {
    const whose = DRIVERS.find(([library]) => library.test(lacking))?.[1]
    return whose === undefined
      ? missing(`the XLA plugin ${path} needs the library ${lacking}, which isn't there`, 'Install the package that has it.')
      : missing(
          `there is no driver: the XLA plugin ${path} needs ${lacking}, which comes with the driver of ${whose} GPUs`,
          `Install the driver of ${whose}, or compute on another backend.`,
        )
  }
  if (/version `\w+_[\d.]+' not found/.test(said))
    return missing(
      `the XLA plugin ${path} is made for a newer system than this one: ${said}`,
      'Get an older plugin, or a newer system.',
    )
  return missing(`the XLA plugin ${path} could not be loaded: ${said}`, ANOTHER)
}

/** A library that has no GetPjrtApi. */
export const noPlugin = (path: string): Failure =>
  missing(`${path} is a library, but not an XLA plugin: it has no GetPjrtApi`, ANOTHER)
