/** `ibot init`: a pipeline for one's own pictures. */
import * as E from 'fp-ts/Either'
import { command, pathWord } from '../base/command'
import { printable } from '../base/printable'
import { type Initialized, init } from '../init/init'
import type { InitOptions } from './command/init'
import { type Outcome, reportAs } from './report'
import { err, lineTo, out, type Screen } from './terminal'
import { plural, whole } from './words'

const initializedText = ({ files, pictures, classes, looked, proposal }: Initialized, { colors }: Screen): string => {
  const [file, ...lists] = files
  const { global, patch, network, batch, epochs } = proposal
  return [
    `${colors.green('ok')}  ${colors.bold(printable(file!))}: ${plural(pictures, 'picture')}, ${classes === 0 ? 'no labels' : plural(classes, 'class', 'classes')} (${whole(looked)} looked at)`,
    `    ${network.name} of width ${network.width}, views of ${global} pixels in patches of ${patch}, ${whole(epochs)} epochs in batches of ${batch}`,
    ...(lists.length === 0 ? [] : [`    which are learnt from and which test: ${lists.map(printable).join(', ')}`]),
    `    ${colors.dim(printable(command('ibot', 'check', pathWord(file!))))}`,
  ].join('\n')
}

export const initCommand =
  (folder: string, { data, json = false }: InitOptions): Outcome =>
  async () => {
    const result = await init({ folder, data, notify: json ? () => undefined : lineTo(err) })()
    if (E.isLeft(result)) return reportAs(json, result.left)
    out.write(`${json ? JSON.stringify({ ok: true, ...result.right }) : initializedText(result.right, out)}\n`)
    return 0
  }
