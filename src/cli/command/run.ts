/** `ibot run`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { BACKENDS } from '../../engine/backends'
import { examples, type OptionsOf, opsOption, setOption, unsetOption } from './options'

export const runCommand = () =>
  new Command('run')
    .summary('train a pipeline, or go on with a run')
    .description(
      'Trains the pipeline in FILE and saves it in a folder of its own. Progress goes to stderr, the result to stdout.',
    )
    .argument('[file]', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .addOption(new Option('--out <dir>', 'the folder of the run (default: runs/NAME)').conflicts('resume'))
    .option('--resume [dir]', "go on with the run in DIR, or with the pipeline's newest one")
    .addOption(
      new Option(
        '--backend <name>',
        'what computes (default: xla where there is a GPU, else tensorflow if it can be had, or what a run began with)',
      ).choices(BACKENDS),
    )
    .option('--no-download', "fetch neither TensorFlow's library nor data that aren't there")
    .option('--verify-data', 'hash what every picture holds: to record it when a run begins, to compare it when it goes on')
    .option('--alone', 'train in this process alone, though its environment says that it is one of several (docs/scaling.md)')
    .option(
      '--trusted-network',
      'let processes that train together talk over public addresses, where a firewall keeps others out',
    )
    .option('--json', 'write events as JSON Lines, and the summary as the last of them')
    .addHelpText(
      'after',
      examples(
        ['ibot run pipelines/quickstart.yaml', 'begin a run'],
        ['ibot run pipelines/quickstart.yaml --set train.batch=64', 'with another batch'],
        ['ibot run --resume runs/quickstart', 'go on with a run that was stopped'],
        ['ibot run --resume runs/quickstart --verify-data', 'after its pictures were compared with those that it began with'],
        ['ibot run pipelines/quickstart.yaml --json | tail -1', 'the summary only, as JSON'],
      ),
    )

export type RunOptions = OptionsOf<typeof runCommand>
