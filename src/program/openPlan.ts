/** Everything that a run needs before its first step: the design, the data, the program, and room for it. */
import { totalmem } from 'node:os'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { elements } from '../base/shape'
import type { Plan } from '../dsl/plan'
import type { Backend } from '../engine/backend'
import type { Source } from '../io/source'
import { registry } from '../ops/registry'
import type { Span } from '../ops/schedule/kind'
import { type Design, designOf, spanOf } from './design'
import { type Program, programOf } from './program'

export interface Opened {
  readonly design: Design
  readonly source: Source
  readonly span: Span
  readonly program: Program
}

/** Checks a plan, opens its data and makes its program; no tensor is made. */
export const openPlan = (plan: Plan, notify: (message: string) => void = () => undefined): TE.TaskEither<Failure, Opened> =>
  pipe(
    TE.Do,
    TE.bind('design', () => TE.fromEither(designOf(registry, plan))),
    TE.bind('source', ({ design }) => design.dataset.means(notify)),
    TE.bind('span', ({ design, source }) => TE.fromEither(spanOf(design, source))),
    TE.map(({ design, source, span }) => ({ design, source, span, program: programOf(design, span, source.channels) })),
  )

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`
const FLOAT = 4
/** What WebAssembly can address. */
const WASM_LIMIT = 4 * 2 ** 30

/** Bytes of all tensors of a program's state. */
const stateBytes = (program: Program): number =>
  Object.values(program.state).reduce((sum, { shape }) => sum + FLOAT * elements(shape), 0)

/** Bytes that a step can't do without: the state, the next state, and the batch. */
const leastBytes = (program: Program): number =>
  2 * stateBytes(program) +
  FLOAT * (elements(program.batch.global) + program.batch.local.reduce((sum, one) => sum + elements(one), 0))

/** Refuses what can't fit, before anything is made of it. */
export const checkMemory = (program: Program, backend: Backend): E.Either<Failure, void> => {
  const needed = leastBytes(program)
  const limit = backend === 'wasm' ? Math.min(WASM_LIMIT, totalmem()) : totalmem()
  if (needed <= limit) return E.right(undefined)
  const [widest] = Object.entries(program.state).sort((a, b) => elements(b[1].shape) - elements(a[1].shape))
  const where = backend === 'wasm' ? `the wasm backend can use ${gigabytes(limit)}` : `this machine has ${gigabytes(limit)}`
  return E.left(
    missing(
      `the pipeline needs at least ${gigabytes(needed)} of memory, and ${where}; its largest tensor is ${widest![0]} [${widest![1].shape.join(', ')}]`,
      'Make the network or its head smaller (fewer prototypes, fewer hidden features), or the batch.',
    ),
  )
}
