/**
 * A folder of pictures: flat (no labels), or with one sub-folder a class, as torchvision's ImageFolder has it.
 */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { byCodePoint } from './codePoints'
import { type Decoding, decodePicture } from './decode'
import { EXTENSIONS } from './extensions'
import { fileFailure } from './files'
import { fingerprint } from './fingerprint'
import type { Source } from './source'
import { type Found, listFiles } from './walk'

export interface ImageFolder extends Decoding {
  readonly path: string
}

const extension = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot).toLowerCase() : ''
}
const isPicture = ({ path }: Found): boolean => EXTENSIONS.includes(extension(path))

/** The first-level sub-folder that a path begins with; undefined for files of the folder itself. */
const classOf = (path: string): string | undefined => {
  const slash = path.indexOf('/')
  return slash === -1 ? undefined : path.slice(0, slash)
}

const some = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
const many = (count: number, noun: string): string => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`

const noPictures = (root: string, files: readonly Found[]): Failure => {
  const seen = [...new Set(files.map(({ path }) => extension(path) || 'no extension'))].sort(byCodePoint)
  return missing(
    `${root} holds no pictures: ${files.length === 0 ? 'it has no files' : `${many(files.length, 'file')} with ${some(seen)}`}`,
    `Put pictures there, directly or in one sub-folder for each class. Read are ${EXTENSIONS.join(' ')}.`,
  )
}

/** The classes of the pictures, none for a flat folder. Torchvision refuses classes without a picture too. */
const findClasses = (root: string, folders: readonly string[], files: readonly Found[]): E.Either<Failure, readonly string[]> => {
  const pictures = files.filter(isPicture)
  if (pictures.length === 0) return E.left(noPictures(root, files))
  const top = pictures.filter(({ path }) => classOf(path) === undefined)
  if (top.length > 0 && folders.length > 0)
    return E.left(
      missing(
        `${root} has ${many(top.length, 'picture')} (${some(top.map(({ path }) => path))}) beside ${many(folders.length, 'sub-folder')} (${some(folders)}), so it is neither flat nor divided into classes`,
        'For labels, move each picture into the sub-folder of its class; without labels, move all pictures into one folder without sub-folders.',
      ),
    )
  const used = new Set(pictures.map(({ path }) => classOf(path)))
  const empty = folders.filter((folder) => !used.has(folder))
  return empty.length > 0
    ? E.left(
        missing(
          `${root} has sub-folders without a picture: ${some(empty)}`,
          'Each sub-folder is a class; remove these or put pictures in.',
        ),
      )
    : E.right(folders)
}

const checkFolder = (root: string): E.Either<Failure, void> =>
  pipe(
    E.tryCatch(() => statSync(root), fileFailure(`cannot read the folder of pictures ${root}`)),
    E.chain((stats) =>
      stats.isDirectory()
        ? E.right(undefined)
        : E.left(missing(`cannot read the folder of pictures ${root}: it is a file`, 'Name the folder that the file is in.')),
    ),
  )

const toSource = (folder: ImageFolder, classes: readonly string[], pictures: readonly Found[]): Source => {
  const { path: root, channels } = folder
  // The pictures are found again even if the process changes its folder.
  const absolute = resolve(root)
  const numbers = new Map(classes.map((name, number) => [name, number]))
  return {
    name: root,
    count: pictures.length,
    channels,
    size: undefined,
    classes,
    label: (i) => numbers.get(classOf(pictures[i]!.path)!),
    path: (i) => join(root, pictures[i]!.path),
    read: (i) => decodePicture(join(absolute, pictures[i]!.path), folder),
    fingerprint: fingerprint(pictures.flatMap(({ path, size }) => [path, `${size}`])),
  }
}

/**
 * The pictures in a folder and its sub-folders, sorted by their paths and decoded when they are read. The classes are the
 * first-level sub-folders, sorted; pictures deeper down count for these. Hidden files and folders are left out, symbolic
 * links are followed. Fails if the folder can't be read, holds no pictures, mixes pictures with sub-folders or has a
 * sub-folder without a picture.
 */
export const imageFolder = (folder: ImageFolder): TE.TaskEither<Failure, Source> =>
  TE.fromIOEither(() =>
    pipe(
      checkFolder(folder.path),
      E.chain(() => listFiles(resolve(folder.path))),
      E.bindTo('listed'),
      E.bind('classes', ({ listed }) => findClasses(folder.path, listed.folders, listed.files)),
      E.map(({ listed, classes }) => toSource(folder, classes, listed.files.filter(isPicture))),
    ),
  )
