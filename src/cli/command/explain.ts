/** `ibot explain`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption } from './options'

export const explainCommand = () =>
  new Command('explain')
    .summary('explain an op and its parameters; without a name, list all ops')
    .description('Explains what an op does, its parameters and defaults, and where it comes from. Without OP, lists all ops.')
    .argument('[op]', 'an op or a kind of ops')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot explain', 'all ops by kind'],
        ['ibot explain emaTeacher', 'one op'],
        ['ibot explain schedule', 'all schedules'],
      ),
    )

export type ExplainOptions = OptionsOf<typeof explainCommand>
