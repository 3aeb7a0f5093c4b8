/** A pipeline from a file: its text, its document, and its design, in which the stages fit together. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, rejected } from '../base/failure'
import type { Document } from '../dsl/document'
import { type Edits, problemsIn } from '../dsl/read'
import type { Registry } from '../dsl/registry'
import { type Design, type DesignDraft, readDesignDraft } from '../program/design'
import { readText } from './file'

export interface Pipeline {
  readonly text: string
  readonly document: Document
  readonly design: Design
}

/** What is in a file, whatever is wrong with it. */
export interface PipelineDraft extends DesignDraft {
  readonly text: string
}

/** As `readPipeline`, but gives what is wrong with the pipeline along with what is right. */
export const readPipelineDraft = (registry: Registry, file: string, edits: Edits = {}): TE.TaskEither<Failure, PipelineDraft> =>
  pipe(
    readText(file),
    TE.chainEitherK((text) =>
      pipe(
        readDesignDraft(registry, file, text, edits),
        E.bimap(rejected, (draft) => ({ text, ...draft })),
      ),
    ),
  )

/** `edits` hold the arguments of all `--set path=value` and `--unset path`. */
export const readPipeline = (registry: Registry, file: string, edits?: Edits): TE.TaskEither<Failure, Pipeline> =>
  pipe(
    readPipelineDraft(registry, file, edits),
    TE.chainEitherK((draft) => (isRight(draft) ? E.right(draft) : E.left(rejected(problemsIn(draft))))),
  )

/** Whether nothing is wrong with what was read. */
export const isRight = (draft: PipelineDraft): draft is PipelineDraft & Pipeline => draft.design !== undefined
