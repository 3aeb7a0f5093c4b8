/**
 * Pictures in tar archives, named as WebDataset has it: members of one sample follow each other and share a key, which is the path up to
 * the first dot of the name; what is behind the dot says what a member is.
 */
import { resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import { checkLength, type Decoding, decodePicture } from './decode'
import { EXTENSIONS } from './extensions'
import { fingerprint } from './fingerprint'
import { type Labels, labelParts, readLabels } from './labels'
import { readAt } from './readAt'
import { shardFiles } from './shards'
import type { Source } from './source'
import { type Strings, stringsBuilder } from './strings'
import { BLOCK, eachMember, isHeader, type ReadBytes, TarDamaged, type TarMember } from './tar'
import { type Expected, unpacked } from './unpacked'

export interface TarShards extends Decoding {
  /** Paths of the archives; braces and stars stand for several. */
  readonly shards: readonly string[]
  /** Names of the classes, in the order of their numbers. */
  readonly classes?: readonly string[] | undefined
}

/** Where the pictures lie. */
interface Index {
  /** What each is called in its shard. */
  readonly names: Strings
  /** The number of the shard, the place in it and the length. */
  readonly places: Float64Array
  /** As they stand in the shards; none where no sample has one. */
  readonly labels: readonly string[]
}

interface Shard {
  readonly name: string
  /** Of the plain archive. */
  readonly path: string
}

const LABEL = 'cls'
/** A label is a number or a short name. */
const LONGEST_LABEL = 1024
const utf8 = new TextDecoder()

const damaged = (message: string, remedy: string): TarDamaged => new TarDamaged(missing(message, remedy))

/** Key and extension; none for a name without a dot, or with nothing before it. */
const partsOf = (name: string): readonly [key: string, extension: string] | undefined => {
  const base = name.lastIndexOf('/') + 1
  const dot = name.indexOf('.', base)
  return dot <= base ? undefined : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()]
}

const isPicture = (extension: string): boolean => EXTENSIONS.includes(`.${extension}`)

/** Why a sample has a label but no picture: its members may lie apart, which WebDataset doesn't put together either. */
const pictureless = (shard: Shard, key: string): TarDamaged => {
  const pictures: string[] = []
  eachMember(
    shard.path,
    ({ name }) => {
      const [itsKey, extension] = partsOf(name) ?? []
      if (itsKey === key && isPicture(extension!)) pictures.push(name)
    },
    shard.name,
  )
  return pictures[0] === undefined
    ? damaged(`${shard.name}: sample ${key} has a label but no picture`, `Read are ${EXTENSIONS.join(' ')}.`)
    : damaged(
        `${shard.name}: the members of sample ${key} don't follow each other: others come between its label and ${pictures[0]}`,
        'Write the shard again with the members of each sample next to each other, as WebDataset needs them: tar --sort=name.',
      )
}

/** Goes through the shards, sample by sample; tells of those that may be cut off. */
const index = (shards: readonly Shard[], notify: (message: string) => void): Index => {
  const names = stringsBuilder()
  const places: number[] = []
  const labels: string[] = []
  /** Few texts for very many labels. */
  const known = new Map<string, string>()
  let unlabelled: string | undefined
  let count = 0

  for (const [number, shard] of shards.entries()) {
    let key: string | undefined
    let picture: TarMember | undefined
    let label: string | undefined
    const endOfSample = (): void => {
      if (picture === undefined && label !== undefined) throw pictureless(shard, key!)
      if (picture !== undefined) {
        count++
        names.add(picture.name)
        places.push(number, picture.offset, picture.size)
        if (label === undefined) unlabelled ??= `${shard.name}: sample ${key}`
        else labels.push(label)
      }
      picture = undefined
      label = undefined
    }
    const take = (member: TarMember, read: ReadBytes): void => {
      const [nextKey, extension] = partsOf(member.name) ?? []
      if (nextKey === undefined) return
      if (nextKey !== key) endOfSample()
      key = nextKey
      if (isPicture(extension!)) {
        if (picture !== undefined)
          throw damaged(
            `${shard.name}: sample ${key} has two pictures, ${picture.name} and ${member.name}`,
            'Keep one of them, or name the other as no picture: key.mask.png.',
          )
        picture = member
      } else if (extension === LABEL) {
        if (member.size > LONGEST_LABEL)
          throw damaged(
            `${shard.name}: ${member.name} has ${member.size} bytes, which are no label`,
            'Put a number of a class there.',
          )
        const text = utf8.decode(read(member.offset, member.size)).trim()
        label = known.get(text) ?? text
        known.set(label, label)
      }
    }
    const hasEnd = eachMember(shard.path, take, shard.name)
    endOfSample()
    if (!hasEnd) notify(`${shard.name} lacks the mark of a tar archive's end; if it was cut off, pictures are missing`)
  }
  if (count === 0)
    throw damaged(
      `${shards.map(({ name }) => name).join(', ')} hold no picture`,
      `Members need names such as 000001.jpg and 000001.cls. Read are ${EXTENSIONS.join(' ')}.`,
    )
  if (unlabelled !== undefined && labels.length > 0)
    throw damaged(`${unlabelled} has no label (.cls), but others have`, 'Give all pictures a label, or none.')
  return { names: names.done(), places: Float64Array.from(places), labels }
}

const indexed = (shards: readonly Shard[], notify: (message: string) => void): E.Either<Failure, Index> =>
  E.tryCatch(
    () => index(shards, notify),
    (error) => (error instanceof TarDamaged ? error.failure : defect(error)),
  )

/** How a shard begins. */
const tarFile = (name: string): Expected => ({
  bytes: BLOCK,
  fits: isHeader,
  otherwise: missing(`${name} is no tar archive`, 'Name tar archives, plain or gzipped.'),
})

/** The shard in which picture i lies, the place in it and the length. */
const placeOf = ({ places }: Index, i: number): readonly [shard: number, offset: number, size: number] => [
  places[3 * i]!,
  places[3 * i + 1]!,
  places[3 * i + 2]!,
]

/** What picture i is called in messages. */
const nameOf = (shards: readonly Shard[], found: Index, i: number): string =>
  `${shards[placeOf(found, i)[0]]!.name}: ${found.names.at(i)}`

const toSource = (tar: TarShards, shards: readonly Shard[], found: Index, labels: Labels | undefined): Source => ({
  name: tar.shards.join(', '),
  count: found.names.count,
  channels: tar.channels,
  size: undefined,
  classes: labels?.classes ?? [],
  label: (i) => labels?.numbers[i],
  read: (i) => {
    const [shard, offset, size] = placeOf(found, i)
    const name = nameOf(shards, found, i)
    return pipe(
      TE.fromEither(checkLength(size, name)),
      TE.chain(() => readAt(shards[shard]!.path, offset, size)),
      TE.chain((bytes) => () => decodePicture(bytes, tar, name)),
    )()
  },
  path: (i) => nameOf(shards, found, i),
  stored: (i) => {
    const [shard, start, length] = placeOf(found, i)
    return TE.right({ path: shards[shard]!.path, start, length })
  },
  fingerprint: fingerprint([...found.names.bytes, new Uint8Array(found.places.buffer), ...labelParts(labels)]),
})

/**
 * The pictures of all shards, in their order, decoded when they are read. Where each lies is found when the shards are opened, which reads only the
 * headers of plain ones; gzipped ones are unpacked into the cache once. Labels are the members `.cls`: numbers, or names. Fails where a
 * shard is damaged or cut off, or only some pictures have labels.
 */
export const tarShards = (tar: TarShards, notify: (message: string) => void): TE.TaskEither<Failure, Source> =>
  pipe(
    TE.fromIOEither(() => shardFiles(tar.shards)),
    TE.chain((files) =>
      TE.traverseSeqArray((name: string) =>
        pipe(
          unpacked(name, tarFile(name), notify),
          // The pictures are found again even if the process changes its folder.
          TE.map((path): Shard => ({ name, path: resolve(path) })),
        ),
      )(files),
    ),
    TE.bindTo('shards'),
    TE.bind('index', ({ shards }) => TE.fromEither(indexed(shards, notify))),
    TE.bind('labels', ({ shards, index: found }) =>
      found.labels.length === 0
        ? TE.right(undefined)
        : TE.fromEither(readLabels(found.labels, tar.classes, (i) => nameOf(shards, found, i))),
    ),
    TE.map(({ shards, index: found, labels }) => toSource(tar, shards, found, labels)),
  )
