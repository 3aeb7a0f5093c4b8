/** Sources: where pictures come from. */
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { choice, kind, op } from '../../dsl/type'
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
