/** An engine, or what stands in for it. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Engine, EngineKind, EngineOptions } from './engine'

/** The first of these that can be had; what it stands in for, and why, is told. */
export const firstOf = (
  kind: EngineKind,
  [next, ...rest]: readonly EngineKind[],
  options: EngineOptions,
): TE.TaskEither<Failure, Engine> =>
  next === undefined
    ? kind.open(options)
    : pipe(
        kind.open(options),
        TE.orElse((failure) => {
          if (failure._tag !== 'Missing') return TE.left(failure)
          const why = `${failure.message}. ${failure.remedy}`
          options.tell({ event: 'note', message: `without ${kind.title}, on ${next.title}, which is ${next.standIn}: ${why}` })
          return firstOf(next, rest, options)
        }),
      )
