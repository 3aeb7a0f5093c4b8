/** Which engine computes: the one that is asked for, else the first that can be had. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { thisHost } from '../tensorflow/library/host'
import type { Backend } from './backends'
import type { Abilities, Engine, EngineKind, EngineOptions, LibraryEngine, ReplayingEngine } from './engine'
import { ENGINES, kindOf } from './engines'

/** Nothing is fetched and nothing told. */
const QUIETLY: EngineOptions = { download: false, tell: () => undefined, signal: undefined }

const [PREFERRED, ...OTHERS] = ENGINES
const STAND_INS: readonly EngineKind[] = OTHERS.filter(({ standIn }) => standIn !== undefined)

/** The first of these that can be had; what it stands in for, and why, is told. */
const firstOf = (
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

/**
 * An engine that is ready to compute. If none is asked for and the preferred one can't be had, it says so and why; but what
 * the user's settings name is asked for.
 */
export const openEngine = ({
  backend,
  host = thisHost(),
  ...others
}: EngineOptions & { readonly backend: Backend | undefined }): TE.TaskEither<Failure, Engine> => {
  const options = { host, ...others }
  if (backend !== undefined) return kindOf(backend).open(options)
  return pipe(
    ENGINES,
    TE.traverseSeqArray(({ checkSettings }: EngineKind) => checkSettings(host)),
    TE.chain(() => firstOf(PREFERRED, STAND_INS, options)),
  )
}

/** The fastest engine that is on this machine: nothing is fetched. */
export const engineHere: TE.TaskEither<Failure, Engine> = () => openEngine({ ...QUIETLY, backend: undefined })()

const [LIBRARY] = ENGINES.flatMap(({ library }: EngineKind) => library ?? [])

/** The engine with TensorFlow's library, which may be fetched. */
export const openLibrary = (options: EngineOptions): TE.TaskEither<Failure, LibraryEngine> => LIBRARY!.open(options)

/** The engine with TensorFlow's library, if that is on this machine: nothing is fetched. */
export const libraryHere: TE.TaskEither<Failure, LibraryEngine> = () => LIBRARY!.here()

/** What would compute here: the engine that was found, else what stands in for it. */
export const expected = (here: Engine | undefined): Abilities => here ?? STAND_INS[0]!

/** An engine that replays steps. */
export const openReplayer = (backend: Backend): TE.TaskEither<Failure, ReplayingEngine> =>
  kindOf(backend).replayer?.(QUIETLY) ??
  TE.left(missing(`the ${backend} backend doesn't run op by op`, `Use '--backend ${kindOf(backend).elsewhere}'.`))
