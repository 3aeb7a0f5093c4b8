/** What the machine has, as `ibot doctor` tells it. */
import { heard, kitProgram } from './programs'
import type { Try } from './try'

/** With which doctor ends where something is to be mended: here that no photograph can be decoded, at least. */
const PROBLEM = 3

export const doctor: Try = {
  name: 'doctor',
  doc: 'the machine, XLA’s plugins and the devices that they find',
  limit: 60,
  run: (context, tell) =>
    heard(
      kitProgram('ibot', ['doctor', '--json'], context),
      (line) => {
        const { ok: _ok, exit: _exit, problems, ...others } = JSON.parse(line)
        tell({ ...others, problems: problems.map(({ message }: { readonly message: string }) => message) })
      },
      [0, PROBLEM],
    ),
}
