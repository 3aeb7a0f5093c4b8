/** `ibot completion`: a script by which a shell completes what can be called. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { kindsOf } from '../dsl/schema'
import { registry } from '../ops/registry'
import type { SHELLS } from './command/completion'
import { bashScript } from './complete/bash'
import { type DescribedCommand, described } from './complete/described'
import { fishScript } from './complete/fish'
import { zshScript } from './complete/zsh'
import { recipes } from './recipes'
import type { Outcome } from './report'
import { out } from './terminal'

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (ibot: DescribedCommand) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** Values that are one of some words, by their names in the definitions. */
const words = (program: CommandUnknownOpts) => ({
  recipe: recipes().map(({ name }) => name),
  op: [...new Set([...registry.ops, ...kindsOf(registry)].map(({ name }) => name))],
  command: program.commands.map((command) => command.name()),
})

export const completion =
  (shell: (typeof SHELLS)[number], program: CommandUnknownOpts): Outcome =>
  async () => {
    out.write(SCRIPTS[shell](described(program, words(program))))
    return 0
  }
