/** Sources: where pictures come from. */
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { choice, kind, op, optional } from '../../dsl/type'
import type { Source } from '../../io/source'

/** Opens the source; what takes long says so to `notify`. */
export type OpenSource = (notify: (message: string) => void) => TaskEither<Failure, Source>

export const source = kind<OpenSource>()({ name: 'source', article: 'a source' })
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
