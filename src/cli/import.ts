/** `ibot import`: checkpoints, weights and arguments of other programs as a folder of ibot's. */
import * as E from 'fp-ts/Either'
import { type Imported, importFile } from '../import/import'
import type { ImportOptions } from './command/import'
import { type Outcome, reportAs } from './report'
import { out, type Screen } from './terminal'
import { whole } from './words'

/** What became of the file, in words. */
const gist = ({ kind, names, weights, epoch, step }: Imported): string => {
  if (kind === 'pipeline') return 'the pipeline of these arguments'
  if (kind === 'weights') return `${whole(weights)} weights (${names} names), and a pipeline that starts from them`
  return `a run after ${epoch === null ? '' : `epoch ${whole(epoch)}, `}step ${whole(step ?? 0)}: both networks, moments and centres`
}

const importedText = (imported: Imported, { colors: { green, bold, dim } }: Screen): string => {
  const { folder, missing, unexpected, next } = imported
  return [
    `${green('ok')}  ${bold(folder)}: ${gist(imported)}`,
    ...(missing.length > 0 ? [`    not in the file, so they start at random: ${missing.join(', ')}`] : []),
    ...(unexpected.length > 0 ? [`    in the file, but of no use here: ${unexpected.join(', ')}`] : []),
    `    ${dim(next)}`,
  ].join('\n')
}

export const importCommand =
  (file: string, { json = false, ...options }: ImportOptions): Outcome =>
  async () => {
    const result = await importFile(file, options)()
    if (E.isLeft(result)) return reportAs(json, result.left)
    out.write(`${json ? JSON.stringify({ ok: true, ...result.right }) : importedText(result.right, out)}\n`)
    return 0
  }
