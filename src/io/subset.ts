/** Some of the pictures of a source, as a source: a share of each class that is drawn, or those that a list names. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { listed } from '../base/listed'
import { permutation } from '../base/random'
import { fingerprint } from './fingerprint'
import type { Source } from './source'

const pick = (source: Source, name: string, indices: Uint32Array): Source => ({
  ...source,
  name,
  count: indices.length,
  label: (i) => source.label(indices[i]!),
  read: (i) => source.read(indices[i]!),
  path: source.path && ((i) => source.path!(indices[i]!)),
  stored: source.stored && ((i) => source.stored!(indices[i]!)),
  fingerprint: fingerprint([source.fingerprint, new Uint8Array(indices.buffer)]),
})

/** The pictures of each class, in their order; all of them as one where there are no labels. */
const byClass = (source: Source): ReadonlyMap<string, readonly number[]> => {
  const classes = new Map<string, number[]>()
  for (let i = 0; i < source.count; i++) {
    const label = source.label(i)
    const name = label === undefined ? '' : source.classes[label]!
    const members = classes.get(name)
    if (members === undefined) classes.set(name, [i])
    else members.push(i)
  }
  return classes
}

/**
 * A share (above 0, at most 1) of the pictures of each class, or of all where there are no labels: rounded, at least one, drawn by the
 * seed. What is drawn of a class doesn't depend on the others, and a smaller share is part of a larger one. Pictures keep their order.
 */
export const shareOf = (source: Source, share: number, seed: number): Source => {
  const drawn = [...byClass(source)].flatMap(([name, members]) => {
    const count = Math.max(1, Math.round(share * members.length))
    return Array.from(permutation(members.length, seed, 'subset', name).subarray(0, count), (place) => members[place]!)
  })
  return pick(source, `${Number((100 * share).toPrecision(12))}% of ${source.name}`, Uint32Array.from(drawn).sort())
}

const ARCHIVE = ': '

/** What is behind all folders, and behind the archive that it lies in. */
const baseOf = (path: string): string => {
  const archive = path.lastIndexOf(ARCHIVE)
  return path.slice(Math.max(path.lastIndexOf('/') + 1, archive === -1 ? 0 : archive + ARCHIVE.length))
}

/** What a picture may be called: its path, and what is behind any folder of it, or behind the archive that it lies in. */
const callings = (path: string): readonly string[] => [
  path,
  ...Array.from(path.matchAll(/\/|: /g), ({ 0: separator, index }) => path.slice(index + separator.length)),
]

/** The lines that aren't blank. */
const namesIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/^(?:\.\/)+/, ''))
    .filter((line) => line !== '')

/** The first picture that each name stands for, and the second, which there mustn't be. */
const findAll = (source: Source, names: ReadonlySet<string>): ReadonlyMap<string, readonly number[]> => {
  const found = new Map<string, readonly number[]>()
  // Most pictures of a large source are on no list: their last name tells.
  const bases = new Set(Array.from(names, baseOf))
  for (let i = 0; i < source.count; i++) {
    const path = source.path!(i)
    if (!bases.has(baseOf(path))) continue
    for (const name of callings(path)) {
      const before = found.get(name) ?? []
      if (names.has(name) && before.length < 2) found.set(name, [...before, i])
    }
  }
  return found
}

/** What a list names that isn't one picture. */
const wrong = (source: Source, list: string, names: ReadonlySet<string>, found: ReadonlyMap<string, readonly number[]>) => {
  const unknown = [...names].filter((name) => !found.has(name))
  if (unknown.length > 0)
    return missing(
      `${unknown.length} of the ${names.size} names in ${list} are of no picture in ${source.name}: ${listed(unknown, 5)}`,
      'Names are those of the files, or their paths from some folder on. Take these out of the list, or name the pictures that it is for.',
    )
  for (const [name, [first, second]] of found)
    if (second !== undefined)
      return missing(
        `'${name}' in ${list} stands for several pictures: ${source.path!(first!)} and ${source.path!(second)}`,
        'Write the folder in front of the name, too.',
      )
  return undefined
}

/**
 * The pictures that a list names, one a line: the names of their files, or their paths from some folder on. They keep the order of the
 * source. Names that stand twice and classes without a picture are told to `notify`. Fails if a name is of no picture or of several, if there
 * are none, or if the pictures of the source have no names.
 */
export const listedOf = (
  source: Source,
  list: string,
  text: string,
  notify: (message: string) => void,
): E.Either<Failure, Source> => {
  if (source.path === undefined)
    return E.left(
      missing(
        `${list} can't choose among the pictures of ${source.name}, which have no names`,
        "Draw a share of them instead, such as 'subset: 10%'.",
      ),
    )
  const all = namesIn(text)
  if (all.length === 0) return E.left(missing(`${list} names no picture`, 'Put one name on each line.'))
  const names = new Set(all)
  const found = findAll(source, names)
  const failure = wrong(source, list, names, found)
  if (failure !== undefined) return E.left(failure)
  const indices = new Set([...found.values()].map(([first]) => first!))
  const chosen = pick(source, `${list} of ${source.name}`, Uint32Array.from(indices).sort())
  if (chosen.count < all.length)
    notify(`${list} names some pictures more than once: ${all.length} names of ${chosen.count} pictures`)
  const empty = emptyClasses(chosen)
  if (empty.length > 0)
    notify(`${list} names no picture of ${empty.length} of the ${source.classes.length} classes: ${listed(empty, 5)}`)
  return E.right(chosen)
}

const emptyClasses = (source: Source): readonly string[] => {
  const met = new Set<number | undefined>()
  for (let i = 0; i < source.count; i++) met.add(source.label(i))
  return source.classes.filter((_, number) => !met.has(number))
}
