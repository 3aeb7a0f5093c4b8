/** Our side of a comparison: the program of a setup on a backend. The one place in which benchmarks choose what computes. */
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import type { Backend } from '../../src/engine/backends'
import type { Engine } from '../../src/engine/engine'
import { kindOf } from '../../src/engine/engines'
import type { Interpreter } from '../../src/engine/interpreter'
import { openEngine } from '../../src/engine/openEngine'
import type { Opened } from '../../src/program/openPlan'
import { programOf } from '../../src/program/program'
import type { StepSetup } from '../setup'
import { Missing } from './answer'
import { opened } from './pipeline'
import { VARIANTS, type Variant } from './variants'

export interface OurSetup extends StepSetup {
  readonly backend: Backend
  readonly variant: Variant
}

export interface Ours extends Opened {
  readonly engine: Engine
  readonly interpreter: Interpreter
  /** Seconds from a checked pipeline to an interpreter, once its backend is loaded and its first state drawn. */
  readonly seconds: number
}

/** What computes as the setup says; nothing is downloaded for it. */
export const engineOf = async ({
  backend,
  precision,
  threads,
  devices = 1,
}: Pick<OurSetup, 'backend' | 'precision' | 'threads' | 'devices'>): Promise<Engine> => {
  if (!kindOf(backend).precisions.includes(precision)) throw new Missing(`the ${backend} backend doesn't compute in ${precision}`)
  const opened = await openEngine({ backend, threads, devices, download: false, tell: () => undefined, signal: undefined })()
  if (E.isRight(opened)) return opened.right
  const text = failureText(opened.left)
  throw opened.left._tag === 'Missing' ? new Missing(text) : new Error(text)
}

export const openOurs = async (setup: OurSetup): Promise<Ours> => {
  const { program: first, ...others } = await opened(setup)
  const state = first.init(0)
  const engine = await engineOf(setup)
  const began = performance.now()
  const program = programOf(others.design, others.span, others.source.channels, VARIANTS[setup.variant])
  const interpreter = await engine.open(program, state)
  return { ...others, program, engine, interpreter, seconds: (performance.now() - began) / 1000 }
}
