/** What an export format is: it writes a model, and computes with what it has written. */
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Engine, LibraryEngine } from '../engine/engine'
import type { Computed } from '../evaluate/compute'
import type { Images } from '../evaluate/images'
import type { Model } from '../evaluate/model'
import type { Outputs } from '../evaluate/outputs'

/** A format that an engine of the kind `E` writes. */
export interface FormatOf<E extends Engine> {
  /** The export below the run's `exports`, by default: a file, or a folder. */
  readonly path: (model: Model) => string
  /** Whether `path` names a folder, which is there and empty when `write` is called. */
  readonly isFolder: boolean
  readonly write: (model: Model, path: string) => TE.TaskEither<Failure, void>
  /**
   * Reads what was written and computes outputs with that alone, or with its weights in the run's network; once for each
   * thing that was written.
   */
  readonly compute: (
    model: Model,
    path: string,
    engine: E,
    images: Images,
  ) => TE.TaskEither<Failure, readonly Outputs<Computed>[]>
  /** How it is loaded elsewhere: a line of code. */
  readonly usage: (model: Model, path: string) => string
}

/** Any engine will do. */
export interface AnyFormat extends FormatOf<Engine> {
  readonly needsLibrary: false
}

/** What was written is computed with TensorFlow's library. */
export interface LibraryFormat extends FormatOf<LibraryEngine> {
  readonly needsLibrary: true
}

export type Format = AnyFormat | LibraryFormat
