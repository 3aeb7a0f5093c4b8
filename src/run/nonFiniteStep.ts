/** A step whose loss or gradients aren't finite: kept with all that it takes, and looked at op by op. */
import * as E from 'fp-ts/Either'
import { command, pathWord } from '../base/command'
import type { Failure } from '../base/failure'
import type { Replayed } from '../engine/eager/replay'
import type { Engine } from '../engine/engine'
import type { Interpreter } from '../engine/interpreter'
import { undivided } from '../program/division'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { type Bundle, writeBundle } from '../store/bundle'
import { opsOptions, type RunFolder } from '../store/folder'
import { nonFiniteFailure, type Reached } from './ending'
import { firstNonFinite, placeOf } from './replayRun'

export interface NonFiniteStep extends Pick<Opened, 'design' | 'span' | 'source'>, Pick<Bundle, 'batch' | 'numbers'> {
  readonly folder: RunFolder
  readonly reached: Reached
  readonly engine: Pick<Engine, 'replay'>
  /** Its state is that before the step. */
  readonly interpreter: Interpreter
  /** The step, from 1. */
  readonly done: number
  /** What it reported that isn't finite. */
  readonly nonFinite: Readonly<Record<string, number>>
}

const causeOf = (seen: Replayed | undefined): string => {
  if (seen === undefined) return ''
  const { given, first } = seen
  if (given.length > 0) return `; ${given[0]} wasn't finite before the step`
  return first === undefined
    ? '; op by op in float32 all of the step is finite'
    : `; the first operation to give a non-finite number is ${placeOf(first)}`
}

/** Writes the step into the run's folder, finds where it went wrong, and gives the failure that the run ends with. */
export const nonFiniteStep = async (step: NonFiniteStep): Promise<Failure> => {
  const { design, span, source, folder, reached, interpreter, batch, numbers, done, nonFinite } = step
  // It is run again as a whole, however its batch was divided.
  const program = programOf(design, span, source.channels, { division: undivided(span.batch) })
  const bundle: Bundle = { state: await interpreter.read(), batch, numbers, done, span, channels: source.channels }
  const written = await writeBundle(folder, program.state, program.batch, bundle)()
  const cause = causeOf(await firstNonFinite(step, bundle))
  const what = Object.entries(nonFinite).map(([name, value]) => `${name} is ${value}`)
  return nonFiniteFailure(
    `at step ${done} ${what.join(', ')}${cause}`,
    folder,
    reached,
    E.isRight(written)
      ? ` '${command('ibot', 'replay', pathWord(folder.path), ...opsOptions(folder.modules))}' runs this step again, op by op.`
      : '',
  )
}
