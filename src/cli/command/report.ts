/** `ibot report`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption, wholeNumber } from './options'

export const reportCommand = () =>
  new Command('report')
    .summary('make the report of a run')
    .description(
      'Makes one page (HTML) that opens without a network from the folder of a run, finished or still going on: curves, schedules, probes, views and masks, the pipeline, and what it ran on. With --watch the page is served to browsers on this machine and follows the run; nothing is written.',
    )
    .argument('<run>', "the run's folder")
    .option('--out <file>', 'where to write (default: report.html in the folder, in place of an older one)')
    .addOption(new Option('--watch', 'serve the page while the run goes on, until Ctrl-C').conflicts('out'))
    .addOption(
      new Option('--port <n>', 'the port for --watch (default: one that is free)')
        .argParser(wholeNumber(1, 65_535))
        .implies({ watch: true })
        .conflicts('out'),
    )
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot report runs/quickstart', 'writes runs/quickstart/report.html'],
        ['ibot report runs/quickstart --out today.html', 'elsewhere'],
        ['ibot report --watch runs/quickstart', 'a page that follows the run'],
      ),
    )

export type ReportOptions = OptionsOf<typeof reportCommand>
