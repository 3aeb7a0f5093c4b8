/** `ibot report`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption } from './options'

export const reportCommand = () =>
  new Command('report')
    .summary('make the report of a run')
    .description(
      'Makes one page (HTML) that opens without a network from the folder of a run, finished or still going on: curves, schedules, probes, views and masks, the pipeline, and what it ran on.',
    )
    .argument('<run>', "the run's folder")
    .option('--out <file>', 'where to write (default: report.html in the folder, in place of an older one)')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot report runs/quickstart', 'writes runs/quickstart/report.html'],
        ['ibot report runs/quickstart --out today.html', 'elsewhere'],
      ),
    )

export type ReportOptions = OptionsOf<typeof reportCommand>
