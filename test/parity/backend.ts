/** What computes the numbers that are compared. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../src/base/failure'
import type { Backend } from '../../src/engine/backends'
import type { Engine, EngineOptions } from '../../src/engine/engine'
import { openEngine } from '../../src/engine/openEngine'
import { engineOf, openCompiler } from '../../src/engine/xla/open'
import { type Graph, newGraph } from '../../src/graph/graph'
import { newRecorder } from '../../src/record/recorder'
import { byTensorFlow } from './onTensorFlow'
import { byXla } from './onXla'
import { type Compute, together } from './together'

/**
 * tfjs ops by an engine that compiles, as they come: each is recorded, and what is asked for is computed from the graph as it
 * is by then. So the same code that other backends run op by op goes through the recorder and its kernels.
 */
const lazily = (computed: (graph: Graph) => Compute): void => {
  const graph = newGraph()
  newRecorder(graph, { read: together(computed(graph)), fuse: false }).use()
}

/** The backend of this process's comparisons: of those that go op by op, and of whole programs. */
let engine: Engine | undefined
export const currentEngine = (): Engine => {
  if (engine === undefined) throw new Error('no engine is in use')
  return engine
}

/** XLA's engine, whose steps so many devices compute together; they share views where they can't share pictures. */
const openXla = (options: EngineOptions, devices: number): TE.TaskEither<Failure, Engine> =>
  pipe(
    openCompiler({ ...options, devices }),
    TE.map((here) => {
      lazily((graph) => byXla(here.compiler, graph))
      const opened = engineOf(here)
      return { ...opened, open: (program, first) => opened.open({ ...program, devices }, first) }
    }),
  )

/** An engine, with what comes as single ops going to it. */
const openLazily = (backend: Backend, options: EngineOptions): TE.TaskEither<Failure, Engine> =>
  pipe(
    openEngine({ ...options, backend }),
    TE.map((opened) => {
      const { library } = opened
      if (library !== undefined) lazily(() => byTensorFlow(library))
      return opened
    }),
  )

/** Makes a backend the one that computes; says why if it can't. */
export const useEngine = async (backend: Backend, devices = 1): Promise<E.Either<string, void>> => {
  const options: EngineOptions = {
    tell: (event) => {
      if (event.event === 'note') process.stderr.write(`${event.message}\n`)
    },
    signal: undefined,
  }
  const opened = await (backend === 'xla' ? openXla(options, devices) : openLazily(backend, options))()
  if (E.isLeft(opened)) return E.left('message' in opened.left ? opened.left.message : JSON.stringify(opened.left))
  engine = opened.right
  return E.right(undefined)
}
