/** The command that goes on with a run: to its end, or beyond it. */
import { command, pathWord } from '../base/command'
import type { Plan } from '../dsl/plan'
import { opBody, opName } from '../dsl/type'
import { modulesIn } from '../ops/registry'
import { opsOptions, resumeCommand, runFolder } from '../store/folder'

/** What makes the run twice as long. */
const twice = (plan: Plan): string => {
  const body = plan.pipeline.filter((op) => opName(op) === 'train').map(opBody)[0]
  const key = body?.epochs === undefined ? 'steps' : 'epochs'
  return `train.${key}=${2 * Number(body?.[key])}`
}

/** Trains the same pipeline anew, for twice as long. */
export const longerCommand = (run: string, plan: Plan): string =>
  command('ibot', 'run', pathWord(runFolder(run).resolved), ...opsOptions(modulesIn(plan.pipeline)), '--set', twice(plan))

/** Goes on with a run that isn't at its end. */
export const goOnCommand = (run: string, plan: Plan): string => resumeCommand(runFolder(run, modulesIn(plan.pipeline)))
