/** `ibot run` on XLA, into a folder of the try's. */
import { join } from 'node:path'
import type { Summary } from '../../src/run/events'
import { ProgramFailed } from '../programs/child'
import { heard, kitProgram } from './programs'
import type { Context } from './try'

export const ran = async (
  context: Context,
  name: string,
  file: string,
  changes: readonly string[],
  removed: readonly string[] = [],
): Promise<{ readonly run: string; readonly summary: Summary }> => {
  const run = join(context.folder, name)
  const given = [...removed.flatMap((path) => ['--unset', path]), ...changes.flatMap((change) => ['--set', change])]
  let last = ''
  await heard(kitProgram('ibot', ['run', file, '--backend', 'xla', '--json', '--out', run, ...given], context), (line) => {
    last = line
  })
  const said = JSON.parse(last)
  if (said.event !== 'end') throw new ProgramFailed(`the run ended with ${last}`)
  return { run, summary: said }
}
