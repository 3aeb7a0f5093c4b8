/** `ibot import`: checkpoints, weights and arguments of other programs as a folder of ibot's. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { listed } from '../base/listed'
import { printable } from '../base/printable'
import { type Imported, importFile } from '../import/import'
import type { ImportOptions } from './command/import'
import { openRegistry } from './ops'
import { type Outcome, reportAs } from './report'
import { out, type Screen } from './terminal'
import { whole } from './words'

/** What became of the file, in words. */
const gist = ({ kind, names, weights, total, epoch, step }: Imported): string => {
  if (kind === 'pipeline') return 'the pipeline of these arguments'
  if (kind === 'weights') {
    const all = weights === total ? `all ${whole(total)}` : `${whole(weights)} of ${whole(total)}`
    return `${all} weights of the network (${names} names), and a pipeline that starts from them`
  }
  return `a run after ${epoch === null ? '' : `epoch ${whole(epoch)}, `}step ${whole(step ?? 0)}: both networks, moments and centres`
}

const importedText = (imported: Imported, { colors: { green, yellow, bold, dim } }: Screen): string => {
  const { folder, missing, unexpected, notes, guesses, next } = imported
  return [
    `${green('ok')}  ${bold(printable(folder))}: ${gist(imported)}`,
    ...notes.map((note) => `    ${printable(note)}`),
    ...guesses.map((guess) => `    ${yellow('a guess')}: ${printable(guess)}`),
    ...(guesses.some((guess) => guess.includes('attention head')) ? ["    '--heads' says how many, where it is wrong"] : []),
    ...(missing.length > 0 ? [`    not in the file, so they start at random: ${printable(listed(missing))}`] : []),
    ...(unexpected.length > 0 ? [`    in the file, but of no use here: ${printable(listed(unexpected))}`] : []),
    `    ${dim(printable(next))}`,
  ].join('\n')
}

export const importCommand =
  (file: string, { json = false, ops, ...options }: ImportOptions): Outcome =>
  async () => {
    const result = await pipe(
      openRegistry(ops),
      TE.chain((registry) => importFile(registry, file, options)),
    )()
    if (E.isLeft(result)) return reportAs(json, result.left)
    out.write(`${json ? JSON.stringify({ ok: true, ...result.right }) : importedText(result.right, out)}\n`)
    return 0
  }
