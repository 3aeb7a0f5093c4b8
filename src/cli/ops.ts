/** `--ops FILE`: the one way in which a command loads code. */
import { CommanderError } from 'commander'
import * as E from 'fp-ts/Either'
import { useOps } from '../ops/registry'
import { report } from './report'

/** Loads the user's ops before a command begins; tells what is wrong with them. */
export const loadOps = async (files: readonly string[]): Promise<void> => {
  const used = await useOps(files)()
  if (E.isLeft(used)) throw new CommanderError(report(used.left), 'ibot.ops', 'it has been told')
}
