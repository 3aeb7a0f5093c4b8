/** `ibot compare`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption } from './options'

export const compareCommand = () =>
  new Command('compare')
    .summary('set runs beside each other')
    .description(
      'Sets runs beside each other, finished or still going on: losses, probes, rank, speed, and what differs between their pipelines and what they were made with.',
    )
    .argument('<runs...>', 'the folders of two runs or more')
    .option('--out <file>', 'write a page (HTML), too, with the curves of all runs')
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot compare runs/quickstart runs/quickstart-2', 'as a table'],
        ['ibot compare runs/* --out runs.html', 'with a page'],
      ),
    )

export type CompareOptions = OptionsOf<typeof compareCommand>
