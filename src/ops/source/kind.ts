/** Sources: where pictures come from. */
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { choice, type Json, kind, maybe, op, optional } from '../../dsl/type'
import type { OpenSplit, Split } from '../../io/npmPackage'
import type { Reach, Source } from '../../io/source'
import { chosen, type WrittenSubset } from './share'

/** Opens the source; what takes long says so to `notify`. One that opens others passes on what it is told. */
export type OpenSource = (notify: (message: string) => void, reach?: Reach) => TaskEither<Failure, Source>

/** `subset` on any source is short for the op of that name around it. */
export const source = kind<OpenSource, never, { readonly subset?: WrittenSubset }>()({
  name: 'source',
  article: 'a source',
  modifiers: {
    subset: {
      field: maybe(
        chosen,
        "some of its pictures: a share of each class ('1%', or { share: 1%, seed: 0 }), or the path of a list of names",
      ),
      wrap: (of, inner) => ({ subset: { source: inner, ...(of as Readonly<Record<string, Json>>) } }),
    },
  },
})
/** The type of a field that takes a source. */
export const anySource = op(source)

/** The two halves of a data set that comes divided. */
export const split = choice('train', 'test')

/** 1 or 3 channels. */
export const channels = choice(1, 3)

/** The fields of a source whose pictures are decoded from files. */
export const decoding = {
  channels: optional(channels, 3, '3 for colour, 1 for grey; other pictures are converted'),
  exif: optional(
    choice('ignore', 'apply'),
    'ignore',
    "whether pictures are turned as their EXIF orientation says; torchvision's loader ignores it, but for TIFFs",
  ),
}

/** What data sets have in common that come divided, and are fetched when they are first named. */
export const fetched = (open: OpenSplit) =>
  ({
    fields: { split: optional(split, 'train', 'which part') },
    main: 'split',
    build:
      ({ split: part }: { readonly split: Split }): OpenSource =>
      (notify, reach) =>
        open(part, notify, reach),
  }) as const
