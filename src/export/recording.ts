/** What formats have in common that are written from a recorded graph. */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { NotRecordable } from '../base/engineError'
import { type Failure, rejected } from '../base/failure'
import { failureOf } from '../engine/thrown'
import type { Model } from '../evaluate/model'
import { type Portable, portableOf } from './portable'
import { simplified } from './simplify'

/** What keeps a network from being written as operations. */
export const recordingFailure =
  ({ backbone }: Model, format: string) =>
  (error: unknown): Failure => {
    if (!(error instanceof NotRecordable)) return failureOf(error)
    const { operation, message } = error
    return rejected([
      {
        code: 'inexpressible',
        path: ['--to'],
        at: 'value',
        message: `'${backbone.name}' can't be written as ${format}${operation === undefined ? '' : `: it uses ${operation}`}: ${message}`,
        suggestion: 'export to safetensors, which holds only the weights',
      },
    ])
  }

/** What a format makes of the recorded graph of a network. */
export const fromGraph = <A>(model: Model, format: string, encode: (portable: Portable) => A): TE.TaskEither<Failure, A> =>
  TE.fromEither(E.tryCatch(() => encode(simplified(portableOf(model))), recordingFailure(model, format)))
