/**
 * A folder of pictures: flat (no labels), or with one sub-folder a class, as torchvision's ImageFolder has it.
 */
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { byCodePoint } from './codePoints'
import { type Decoding, decodePicture } from './decode'
import { EXTENSIONS, OTHER_PICTURES } from './extensions'
import { fingerprint } from './fingerprint'
import type { Source } from './source'
import { type Strings, stringsBuilder } from './strings'
import { checkFolder, NO_FILE, walkFiles } from './walk'

export interface ImageFolder extends Decoding {
  readonly path: string
}

/** What a walk through the folder found. A million pictures take about 50 MB. */
interface Index {
  /** First-level sub-folders, sorted: the classes. */
  readonly folders: readonly string[]
  /** Of the pictures, relative to the folder, sorted. */
  readonly paths: Strings
  readonly sizes: Float64Array
  /** The number of each picture's class; -1 for those of the folder itself. */
  readonly labels: Int32Array
  /** How many pictures lie in the folder itself, and the first few of them. */
  readonly top: Some
  /** All files, and the extensions that they have. */
  readonly files: number
  readonly extensions: ReadonlySet<string>
  /** Pictures of kinds that aren't read, and their extensions. */
  readonly unread: Some
  readonly unreadKinds: ReadonlySet<string>
  /** What is no file and not called a picture, e.g. links that lead nowhere. */
  readonly lost: Some
}

/** The first few of many names, and how many there are. */
interface Some {
  readonly first: readonly string[]
  readonly count: number
}

const SHOWN = 5

const collecting = () => {
  const first: string[] = []
  let count = 0
  return {
    add: (name: string): void => {
      if (count++ < SHOWN) first.push(name)
    },
    some: (): Some => ({ first, count }),
  }
}

const extension = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot).toLowerCase() : ''
}

const indexOf = (root: string): TE.TaskEither<Failure, Index> => {
  const pictures = new Set(EXTENSIONS)
  const paths = stringsBuilder()
  const sizes: number[] = []
  /** In the order in which they come, which is not quite that of their names. */
  const seen: (string | undefined)[] = []
  const labels: number[] = []
  const extensions = new Set<string>()
  let files = 0
  const top = collecting()
  const unread = collecting()
  const lost = collecting()
  const unreadKinds = new Set<string>()
  return pipe(
    walkFiles(root, (path, size, folder) => {
      const ending = extension(path)
      files++
      extensions.add(ending)
      if (!pictures.has(ending)) {
        if (size === NO_FILE) lost.add(path)
        else if (OTHER_PICTURES.has(ending)) {
          unread.add(path)
          unreadKinds.add(ending)
        }
        return
      }
      if (labels.length === 0 || seen[seen.length - 1] !== folder) seen.push(folder)
      paths.add(path)
      sizes.push(size)
      labels.push(seen.length - 1)
      if (folder === undefined) top.add(path)
    }),
    TE.map((folders) => {
      const numbers = new Map(folders.map((name, number) => [name, number]))
      const classOf = seen.map((folder) => (folder === undefined ? -1 : numbers.get(folder)!))
      return {
        folders,
        paths: paths.done(),
        sizes: Float64Array.from(sizes),
        labels: Int32Array.from(labels, (place) => classOf[place]!),
        top: top.some(),
        files,
        extensions,
        unread: unread.some(),
        unreadKinds,
        lost: lost.some(),
      }
    }),
  )
}

const some = ({ first, count }: Some): string =>
  count > SHOWN ? `${first.slice(0, SHOWN).join(', ')} and ${count - SHOWN} more` : first.join(', ')
const all = (names: readonly string[]): string => some({ first: names, count: names.length })
const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : more}`

const noPictures = (root: string, { files, extensions }: Index): Failure => {
  const seen = [...extensions].map((ending) => ending || 'no extension').sort(byCodePoint)
  return missing(
    `${root} holds no pictures: ${files === 0 ? 'it has no files' : `${many(files, 'file')} with ${all(seen)}`}`,
    `Put pictures there, directly or in one sub-folder for each class. Read are ${EXTENSIONS.join(' ')}.`,
  )
}

/** Torchvision refuses classes without a picture too. */
const checkClasses =
  (root: string) =>
  (index: Index): E.Either<Failure, Index> => {
    const { folders, paths, top, labels } = index
    if (paths.count === 0) return E.left(noPictures(root, index))
    if (top.count > 0 && folders.length > 0)
      return E.left(
        missing(
          `${root} has ${many(top.count, 'picture')} (${some(top)}) beside ${many(folders.length, 'sub-folder')} (${all(folders)}), so it is neither flat nor divided into classes`,
          'For labels, move each picture into the sub-folder of its class; without labels, move all pictures into one folder without sub-folders.',
        ),
      )
    const used = new Set(labels)
    const empty = folders.filter((_, number) => !used.has(number))
    return empty.length > 0
      ? E.left(
          missing(
            `${root} has sub-folders without a picture: ${all(empty)}`,
            'Each sub-folder is a class; remove these or put pictures in.',
          ),
        )
      : E.right(index)
  }

/** What is left out, in words; nothing that looks like a picture is left out in silence. */
const leftOut = (root: string, { unread, unreadKinds, lost }: Index): readonly string[] => [
  ...(unread.count === 0
    ? []
    : [
        `${root}: ${many(unread.count, 'picture')} of kinds that are not looked for (${[...unreadKinds].sort(byCodePoint).join(' ')}) left out: ${some(unread)}. Read are ${EXTENSIONS.join(' ')}`,
      ]),
  ...(lost.count === 0
    ? []
    : [
        `${root}: ${many(lost.count, 'link, pipe or device', 'links, pipes or devices')} left out that ${lost.count === 1 ? 'is' : 'are'} no file: ${some(lost)}`,
      ]),
]

const toSource = (folder: ImageFolder, { folders, paths, sizes, labels }: Index): Source => {
  const { path: root, channels } = folder
  // The pictures are found again even if the process changes its folder.
  const absolute = resolve(root)
  return {
    name: root,
    count: paths.count,
    channels,
    size: undefined,
    classes: folders,
    label: (i) => (labels[i]! < 0 ? undefined : labels[i]),
    read: (i) => decodePicture(join(absolute, paths.at(i)), folder),
    path: (i) => join(root, paths.at(i)),
    stored: (i) => TE.right({ path: join(absolute, paths.at(i)) }),
    fingerprint: fingerprint([...paths.bytes, new Uint8Array(sizes.buffer)]),
  }
}

/**
 * The pictures in a folder and its sub-folders, sorted by their paths and decoded when they are read. The classes are the
 * first-level sub-folders, sorted; pictures deeper down count for these. Hidden files and folders are left out, symbolic
 * links are followed. A picture that is gone or no file (a link that leads nowhere, a pipe) fails when it is read; pictures of kinds
 * that aren't looked for are told to `notify`. Fails if the folder can't be read, holds no pictures, mixes pictures with sub-folders or has a
 * sub-folder without a picture.
 */
export const imageFolder = (
  folder: ImageFolder,
  notify: (message: string) => void = () => undefined,
): TE.TaskEither<Failure, Source> =>
  pipe(
    TE.fromIOEither(() => checkFolder(folder.path)),
    TE.chain(() => indexOf(resolve(folder.path))),
    TE.chainEitherK(checkClasses(folder.path)),
    TE.map((index) => {
      for (const message of leftOut(folder.path, index)) notify(message)
      return toSource(folder, index)
    }),
  )
