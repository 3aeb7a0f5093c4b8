/** A pipeline for the pictures at a path: they are looked at, some kept apart for a probe, and the files are written. */
import * as fs from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command } from '../base/command'
import { type Failure, missing, rejected } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { isThere } from '../base/isThere'
import { makeFolders } from '../base/makeFolders'
import { printable } from '../base/printable'
import { decoder, problemsOf } from '../dsl/decode'
import { meaningOf } from '../dsl/meaning'
import { type Op, op } from '../dsl/type'
import { type Survey, survey } from '../evaluate/survey'
import { graphicsCards } from '../io/graphicsCards'
import { memory } from '../io/machine'
import type { Source } from '../io/source'
import { shareOf } from '../io/subset'
import { registry } from '../ops/registry'
import { type OpenSource, source } from '../ops/source/kind'
import { type DataAt, dataAt, type Written } from './dataAt'
import { type Pictures, pipelineText, sourceJson } from './pipelineText'
import { type Proposal, propose } from './proposal'

export interface InitOptions {
  /** The folder to write into. */
  readonly folder: string
  readonly data: string
  readonly notify: (message: string) => void
}

export interface Initialized {
  /** What was written, the pipeline first. */
  readonly files: readonly string[]
  readonly pictures: number
  readonly classes: number
  readonly looked: number
  readonly proposal: Proposal
}

/** So many pictures are read to know what all are like. */
const SAMPLE = 200
/** Of pictures with labels and without a set for testing, this share of each class is kept apart. */
const KEPT_APART = 0.1
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

const opened = (written: Written, notify: InitOptions['notify']): TE.TaskEither<Failure, Source> =>
  pipe(
    TE.fromEither(decoder(registry, op(source)).decode(sourceJson(written))),
    TE.mapLeft((errors) => rejected(problemsOf(errors))),
    TE.chain((decoded) => (meaningOf(registry, source, decoded as Op) as OpenSource)(notify)),
  )

/** Every picture looked at is grey: then one channel is enough, where that can be chosen. */
const isGrey = ({ channels, grey, looked, unreadable }: Survey): boolean =>
  channels === 1 || (looked > unreadable.length && grey === looked - unreadable.length)

const inGrey = (written: Written, grey: boolean): Written =>
  grey && written.reader !== 'npy' ? { ...written, body: { ...written.body, channels: 1 } } : written

/** The median of the shorter sides. */
const sideOf = (sizes: Survey['sizes']): number => {
  const sides = sizes.flatMap(({ height, width, count }) => Array.from({ length: count }, () => Math.min(height, width)))
  return sides.sort((a, b) => a - b)[Math.floor(sides.length / 2)]!
}

/** Names of a part of the labelled pictures and of the rest, one a line, from which two lists are made. */
const partedNames = (whole: Source): { readonly train: string; readonly test: string; readonly count: number } => {
  const test = shareOf(whole, KEPT_APART, 0)
  const apart = new Set(Array.from({ length: test.count }, (_, i) => test.path!(i)))
  const train = Array.from({ length: whole.count }, (_, i) => whole.path!(i)).filter((name) => !apart.has(name))
  const lines = (names: Iterable<string>) => `${[...names].join('\n')}\n`
  return { train: lines(train), test: lines(apart), count: train.length }
}

/** Why labels are of no use to a probe; undefined where they are. */
const unprobedBy = ({ classes, path, count, label }: Source, test: Written | undefined): string | undefined => {
  if (classes.length === 0) return 'the pictures have no labels, and k-NN asks for some'
  if (classes.length === 1) return 'there is one class only'
  if (test !== undefined) return undefined
  if (path === undefined)
    return 'the pictures have no names by which some could be kept apart; name others with labels: knn: { test: … }'
  const members = new Map<number | undefined, number>()
  for (let i = 0; i < count; i++) members.set(label(i), (members.get(label(i)) ?? 0) + 1)
  return [...members.values()].some((n) => n < 2) ? 'some class has one picture only, none of which can be kept apart' : undefined
}

interface Plan {
  readonly pictures: Pictures
  readonly proposal: Proposal
  /** Names and contents of the files beside the pipeline. */
  readonly lists: readonly (readonly [name: string, text: string])[]
}

const planOf = (whole: Source, { data, test }: DataAt, seen: Survey, { folder, data: path }: InitOptions): Plan => {
  const grey = isGrey(seen)
  const unprobed = unprobedBy(whole, test)
  const splits = unprobed === undefined && test === undefined
  const parts = splits ? partedNames(whole) : undefined
  const listed = (name: string): Written => {
    const chosen = inGrey(data, grey)
    return { ...chosen, body: { ...chosen.body, subset: join(folder, name) } }
  }
  const channels = grey ? 1 : 3
  const hasGpu = ((cards) => cards.gpus.length > 0 || cards.drivers.amd)(graphicsCards())
  const known = { count: parts?.count ?? whole.count, channels, side: sideOf(seen.sizes), memory: memory().free, hasGpu } as const
  const usable = seen.std?.every((one) => one >= 0.01) === true
  const measured = usable ? { mean: seen.mean!, std: seen.std! } : IMAGENET
  const largest = seen.sizes[0]!
  return {
    proposal: propose(known),
    lists:
      parts === undefined
        ? []
        : [
            ['train.txt', parts.train],
            ['test.txt', parts.test],
          ],
    pictures: {
      ...known,
      name:
        basename(resolve(path))
          .replace(/\.\w+$/, '')
          .replace(/[^\w.-]+/g, '-')
          .replace(/^[^A-Za-z0-9]+/, '')
          .slice(0, 100) || 'mine',
      source: splits ? listed('train.txt') : inGrey(data, grey),
      total: whole.count,
      looked: seen.looked,
      largest: `${largest.height} × ${largest.width}`,
      classes: whole.classes.length,
      mean: measured.mean.slice(0, channels),
      std: measured.std.slice(0, channels),
      test:
        unprobed !== undefined
          ? undefined
          : test === undefined
            ? { source: listed('test.txt'), why: 'a tenth of each class, drawn once; the lists name them' }
            : { source: inGrey(test, grey), why: 'a set of their own' },
      unprobed,
      made: printable(command('ibot', 'init', folder, '--data', path)),
    },
  }
}

const there = (path: string): Failure =>
  missing(`${path} exists, and nothing is overwritten`, 'Name another folder: ibot init DIR --data FOLDER.')

/** Writes files that mustn't exist yet, all or none as far as can be told before. */
const writeAll =
  (files: readonly (readonly [path: string, text: string])[]): TE.TaskEither<Failure, void> =>
  async () => {
    for (const [path] of files) if (await isThere(path)) return E.left(there(path))
    for (const [path, text] of files) {
      try {
        await makeFolders(resolve(path, '..'))
        await fs.writeFile(path, text, { flag: 'wx' })
      } catch (error) {
        return E.left(fileFailure(`cannot write ${path}`)(error))
      }
    }
    return E.right(undefined)
  }

const unreadable = ({ name, unreadable: [first] }: Survey): Failure =>
  missing(
    `no picture of ${name} that was looked at can be read${first === undefined ? '' : `: ${first.reason}`}`,
    'See what there is: ibot data.',
  )

/** Looks at the pictures and writes a pipeline for them; gives what was written. */
export const init = (options: InitOptions): TE.TaskEither<Failure, Initialized> => {
  const file = join(options.folder, 'pipeline.yaml')
  return pipe(
    TE.fromTask<boolean, Failure>(() => isThere(file)),
    TE.chain((is) => (is ? TE.left(there(file)) : dataAt(options.data))),
    TE.bindTo('found'),
    TE.bind('whole', ({ found: { data } }) => opened(data, options.notify)),
    TE.bind('seen', ({ whole }) => TE.fromTask(survey(whole, SAMPLE))),
    TE.chain(({ found, whole, seen: { survey: seen } }) => {
      if (seen.sizes.length === 0) return TE.left(unreadable(seen))
      const { pictures, proposal, lists } = planOf(whole, found, seen, options)
      const files = [
        [file, pipelineText(pictures, proposal)] as const,
        ...lists.map(([name, text]) => [join(options.folder, name), text] as const),
      ]
      return pipe(
        writeAll(files),
        TE.map(() => ({
          files: files.map(([path]) => path),
          pictures: whole.count,
          classes: whole.classes.length,
          looked: seen.looked,
          proposal,
        })),
      )
    }),
  )
}
