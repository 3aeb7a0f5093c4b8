/** What an export format is: it writes a model, and computes with what it has written. */
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Engine } from '../engine/backend'
import type { Computed, Images } from '../evaluate/compute'
import type { Model } from '../evaluate/model'
import type { Outputs } from '../evaluate/outputs'

export interface Format {
  /** The export below the run's `exports`, by default: a file, or a folder. */
  readonly path: (model: Model) => string
  /** Whether `path` names a folder, which is there and empty when `write` is called. */
  readonly isFolder: boolean
  /** Whether it takes TensorFlow's library, which records the network as a graph. */
  readonly needsTensorFlow: boolean
  readonly write: (model: Model, path: string, engine: Engine) => TE.TaskEither<Failure, void>
  /**
   * Reads what was written and computes outputs with that alone, or with its weights in the run's network; once for each
   * thing that was written.
   */
  readonly compute: (
    model: Model,
    path: string,
    engine: Engine,
    images: Images,
  ) => TE.TaskEither<Failure, readonly Outputs<Computed>[]>
  /** How it is loaded elsewhere: a line of code. */
  readonly usage: (model: Model, path: string) => string
}
