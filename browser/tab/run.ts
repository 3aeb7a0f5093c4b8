/** A training in a tab: its program on what computes, and where it stands. It is made of what `ibot run` is made of, without a folder. */
import * as E from 'fp-ts/Either'
import { diverged, type Failure, missing } from '../../src/base/failure'
import { checkAbility } from '../../src/engine/ability'
import type { Engine, EngineOptions } from '../../src/engine/engine'
import { firstOf } from '../../src/engine/firstOf'
import type { HostBatch, Interpreter } from '../../src/engine/interpreter'
import { checkMemory } from '../../src/engine/memory'
import { failureOf } from '../../src/engine/thrown'
import type { OpenedData } from '../../src/evaluate/openData'
import { batchIn } from '../../src/loader/batchArrays'
import { filling } from '../../src/loader/batches'
import { damageTally, type Report } from '../../src/loader/damaged'
import type { Numbers } from '../../src/ops/probe/metric'
import { batchBytes } from '../../src/program/batch'
import { nonFiniteIn } from '../../src/run/stepReport'
import { ENGINES, webgpu } from './instead/engine/engines'
import type { Computing } from './messages'

/** A program that is ready to step. */
export interface Run {
  readonly opened: OpenedData
  readonly engine: Engine
  readonly interpreter: Interpreter
  readonly report: Report
  /** How many pictures couldn't be read. */
  readonly damaged: () => number
}

type Notify = (message: string) => void

const openEngine = (on: Computing, notify: Notify): Promise<E.Either<Failure, Engine>> => {
  const options: EngineOptions = {
    tell: (event) => event.event === 'note' && notify(event.message),
    signal: undefined,
  }
  const others = ENGINES.filter(({ name }) => name !== webgpu.name)
  return (on === 'auto' ? firstOf(webgpu, others, options) : firstOf(others[0]!, [], options))()
}

/** Takes note of pictures that can't be read: the first is told, and too many are a failure. */
const newReport = (maxBad: number, notify: Notify) => {
  const tally = damageTally(maxBad)
  const report: Report = async (source, found) => {
    const { fresh, isFirst, tooMany } = tally.add(source, found)
    const [first] = fresh
    if (first === undefined) return E.right(undefined)
    if (isFirst) notify(`${first.reason}. It is left out, and so is every other picture that can't be read`)
    return tooMany === undefined
      ? E.right(undefined)
      : E.left(missing(tooMany, 'Take them out and drop the folder again, or let maxBad be larger.'))
  }
  return { report, count: tally.count }
}

/** Loads what computes, and makes the first state of a program there. */
export const openRun = async (opened: OpenedData, on: Computing, notify: Notify): Promise<E.Either<Failure, Run>> => {
  const { program, design } = opened
  const found = await openEngine(on, notify)
  if (E.isLeft(found)) return found
  const engine = found.right
  const { training } = design
  const able = E.flatMap(checkMemory(program, engine), () => checkAbility(training.meaning, engine, undefined, notify))
  if (E.isLeft(able)) return able
  try {
    const interpreter = await engine.open(program, program.init(training.meaning.seed))
    const { report, count } = newReport(training.meaning.maxBad, notify)
    return E.right({ opened, engine, interpreter, report, damaged: count })
  } catch (error) {
    return E.left(failureOf(error))
  }
}

/** Makes the batches of a run, one after the other in the same memory. */
export const batchesOf = ({ opened: { design, source, span, program }, report }: Run) => {
  const { batch: shape, division } = program
  const fill = filling(design, source, { shape, division, span })
  // A page that isn't isolated from others has no memory to share.
  const memory = new ArrayBuffer(batchBytes(shape))
  return async (step: number): Promise<E.Either<Failure, HostBatch>> => {
    const filled = await fill({ step, share: 0, from: 0, to: division.pictures }, memory)
    if (E.isLeft(filled)) return filled
    const reported = await report(source, filled.right)
    return E.isLeft(reported) ? reported : E.right(batchIn(memory, shape))
  }
}

/** What a step took and reported. */
export interface Stepped {
  readonly numbers: Numbers
  readonly metrics: Numbers
}

/** What a step reports; a failure where its loss isn't a number. */
export const stepOf = async (
  { interpreter, opened: { program } }: Run,
  batch: HostBatch,
  step: number,
): Promise<E.Either<Failure, Stepped>> => {
  const numbers = program.numbers(step)
  try {
    const metrics = await interpreter.step(batch, numbers)
    const broken = nonFiniteIn(program, metrics)
    return broken === undefined
      ? E.right({ numbers, metrics })
      : E.left(
          diverged(
            `after step ${step + 1} ${Object.keys(broken).join(', ')} isn't finite any more; the network is as it was before`,
            'Make the learning rate smaller, or let it rise for more steps.',
          ),
        )
  } catch (error) {
    return E.left(failureOf(error))
  }
}
