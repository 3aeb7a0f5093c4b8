/** `ibot cp`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf } from './options'

export const cpCommand = () =>
  new Command('cp')
    .summary('copy a recipe, to change it')
    .description('Copies a pipeline that comes with ibot, its comments with it. Nothing is overwritten.')
    .argument('<recipe>', "its name, as 'ibot ls' tells it")
    .argument('[file]', 'where to (default: its name, in the current folder), a file or a folder')
    .option('--json', 'write one JSON object: ok, recipe, file')
    .addHelpText(
      'after',
      examples(
        ['ibot cp quickstart', 'writes quickstart.yaml'],
        ['ibot cp ibot-vit-s mine.yaml', 'under another name'],
        ['ibot cp eval/transfer-cars recipes/', 'into a folder'],
      ),
    )

export type CpOptions = OptionsOf<typeof cpCommand>
