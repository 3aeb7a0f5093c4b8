/** The text of the file that a command is given, or what is wrong with its name or its bytes. */
import * as fs from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, type LocatedProblem, missing, rejected } from '../base/failure'
import { errorCode } from '../base/fileFailure'
import { nearest } from '../dsl/nearest'
import { problemAt } from '../dsl/source'
import { fileFailure } from '../io/files'

/** A problem with a file as a whole, or with a name that was given. */
export const aboutFile = (file: string, code: string, message: string, suggestion?: string): LocatedProblem => ({
  file,
  line: 1,
  col: 1,
  frame: '',
  code,
  path: [],
  at: 'value',
  message,
  suggestion,
})

const isPipeline = (name: string): boolean => /\.ya?ml$/.test(name)
const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await fs.readdir(folder).catch(() => [])).filter(isPipeline).map((name) => join(folder, name))

/** The file that was most likely meant, among those where one would look. */
const meant = async (file: string): Promise<string | undefined> => {
  const folders = [...new Set([dirname(file), '.', 'pipelines'])]
  const known = (await Promise.all(folders.map(filesIn))).flat()
  const stem = (path: string) => basename(path, isPipeline(path) ? extname(path) : '')
  const guess = nearest(stem(file), known.map(stem))
  return known.find((path) => stem(path) === stem(file)) ?? known.find((path) => stem(path) === guess)
}

const noFile = async (file: string): Promise<Failure> => {
  const guess = await meant(file)
  const suggestion = guess
    ? `did you mean '${guess}'?`
    : "check the path, which starts at the current folder; 'ibot run --help' shows how to begin"
  return rejected([aboutFile(file, 'no-file', 'there is no such file', suggestion)])
}

const folder = async (file: string): Promise<Failure> => {
  const inside = await filesIn(file)
  const suggestion = inside.length > 0 ? `name a file in it: ${inside.slice(0, 5).join(', ')}` : 'name a pipeline file'
  return rejected([aboutFile(file, 'no-file', 'this is a folder, not a file', suggestion)])
}

const failureOf =
  (file: string) =>
  async (error: unknown): Promise<Failure> => {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return noFile(file)
    return code === 'EISDIR' ? folder(file) : fileFailure(`cannot read the pipeline ${file}`)(error)
  }

const decoded = (file: string, bytes: Uint8Array): E.Either<Failure, string> =>
  E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => notUtf8(file, new TextDecoder().decode(bytes)),
  )

/** `text` has a replacement character for each byte that can't be read. */
const notUtf8 = (file: string, text: string): Failure => {
  const from = text.indexOf('\ufffd')
  const suggestion = text.includes('\0') ? 'is it a pipeline at all? If so, save it as UTF-8' : 'save the file as UTF-8'
  const message = 'this is not UTF-8 text'
  return rejected([
    problemAt({ file, text }, [from, from + 1], { code: 'not-utf-8', path: [], at: 'value', message, suggestion }),
  ])
}

/** Bytes; the language itself refuses texts that are much shorter, and shows where. */
const LARGEST = 2 ** 24

const noPipeline = (file: string, size: number): Failure =>
  missing(`${file} has ${size.toLocaleString('en-US')} bytes, which no pipeline has`, 'Name a pipeline, a file in YAML.')

export const readText = (file: string): TE.TaskEither<Failure, string> =>
  pipe(
    async (): Promise<E.Either<Failure, Uint8Array>> => {
      try {
        const { size } = await fs.stat(file)
        return size > LARGEST ? E.left(noPipeline(file, size)) : E.right(await fs.readFile(file))
      } catch (error) {
        return E.left(await failureOf(file)(error))
      }
    },
    TE.chainEitherK((bytes) => decoded(file, bytes)),
  )
