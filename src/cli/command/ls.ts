/** `ibot ls`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf } from './options'

export const lsCommand = () =>
  new Command('ls')
    .summary('list the recipes that come with ibot')
    .description('Lists the pipelines that come with ibot: what each is, its backbone, its data and how long it trains.')
    .option('--json', 'write one JSON object: ok, recipes')
    .addHelpText('after', examples(['ibot ls', 'as a table'], ['ibot ls --json', 'for other programs, with the path of each']))

export type LsOptions = OptionsOf<typeof lsCommand>
