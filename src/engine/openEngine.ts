/** Which engine computes: the one that is asked for, else the first that can be had. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { thisHost } from '../tensorflow/library/host'
import type { Backend } from './backends'
import type { Abilities, Engine, EngineKind, EngineOptions, LibraryEngine, ReplayingEngine } from './engine'
import { ENGINES, kindOf } from './engines'
import { firstOf } from './firstOf'

/** Nothing is fetched and nothing told. */
const QUIETLY: EngineOptions = { download: false, tell: () => undefined, signal: undefined }

/** The engine to try first where none is asked for, and after it all that are less preferred. */
export const candidates = (options: Pick<EngineOptions, 'device'> = {}): readonly EngineKind[] =>
  ENGINES.slice(ENGINES.findIndex(({ isPreferred }) => isPreferred(options)))

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
    TE.chain(() => {
      const [first, ...others] = candidates(options)
      return firstOf(
        first!,
        others.filter(({ standIn }) => standIn !== undefined),
        options,
      )
    }),
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
export const expected = (here: Engine | undefined): Abilities =>
  here ?? ENGINES.find(({ standIn, library }: EngineKind) => standIn !== undefined && library === undefined)!

/** An engine that replays steps. */
export const openReplayer = (backend: Backend): TE.TaskEither<Failure, ReplayingEngine> =>
  kindOf(backend).replayer?.(QUIETLY) ??
  TE.left(missing(`the ${backend} backend doesn't run op by op`, `Use '--backend ${kindOf(backend).elsewhere}'.`))
