/** A step whose loss or gradients aren't finite: kept with all that it takes, and looked at op by op. */
import * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import type { Replayed } from '../engine/eager/replay'
import type { Interpreter } from '../engine/interpreter'
import type { Opened } from '../program/openPlan'
import { type Bundle, writeBundle } from '../store/bundle'
import type { RunFolder } from '../store/folder'
import { lostNumbers, type Reached } from './ending'
import { placeOf, whereLost } from './replay'

export interface LostStep extends Pick<Opened, 'design' | 'span' | 'program' | 'source'>, Pick<Bundle, 'batch' | 'numbers'> {
  readonly folder: RunFolder
  readonly reached: Reached
  /** Its state is that before the step. */
  readonly interpreter: Interpreter
  /** The step, from 1. */
  readonly done: number
  /** What it reported that isn't finite. */
  readonly lost: Readonly<Record<string, number>>
}

const causeOf = (seen: Replayed | undefined): string => {
  if (seen === undefined) return ''
  const { given, first } = seen
  if (given.length > 0) return `; ${given[0]} wasn't finite before the step`
  return first === undefined
    ? '; op by op in float32 all of the step is finite'
    : `; the first operation to lose them is ${placeOf(first)}`
}

/** Writes the step into the run's folder, finds where it went wrong, and gives the failure that the run ends with. */
export const lostStep = async (step: LostStep): Promise<Failure> => {
  const { span, program, source, folder, reached, interpreter, batch, numbers, done, lost } = step
  const bundle: Bundle = { state: await interpreter.read(), batch, numbers, done, span, channels: source.channels }
  const written = await writeBundle(folder, program.state, program.batch, bundle)()
  const cause = causeOf(await whereLost(step, bundle))
  const what = Object.entries(lost).map(([name, value]) => `${name} is ${value}`)
  return lostNumbers(
    `at step ${done} ${what.join(', ')}${cause}`,
    folder,
    reached,
    E.isRight(written) ? ` 'ibot replay ${folder.path}' runs this step again, op by op.` : '',
  )
}
