/** `ibot launch`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { BACKENDS } from '../../engine/backends'
import { examples, type OptionsOf, opsOption, setOption, unsetOption, wholeNumber } from './options'

const MOST_PROCESSES = 256
const MOST_RESTARTS = 1000

export const launchCommand = () =>
  new Command('launch')
    .summary('train a pipeline in several processes on this machine')
    .description(
      'Trains the pipeline in FILE in several processes on this machine, which share out each batch and learn what one process would. On several machines, Slurm or Kubernetes starts them (docs/scaling.md).',
    )
    .argument('[file]', 'the pipeline (YAML)')
    .addOption(new Option('-n, --processes <number>', 'how many').argParser(wholeNumber(1, MOST_PROCESSES)).makeOptionMandatory())
    .addOption(
      new Option('--threads <number>', 'threads of each process (default: the cores of this machine, shared out)').argParser(
        wholeNumber(1, 1024),
      ),
    )
    .addOption(
      new Option('--restarts <number>', 'how often to start all of them again from the newest checkpoint when one is lost')
        .argParser(wholeNumber(0, MOST_RESTARTS))
        .default(0),
    )
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .addOption(new Option('--out <dir>', 'the folder of the run (default: runs/NAME)').conflicts('resume'))
    .option('--resume [dir]', "go on with the run in DIR, or with the pipeline's newest one")
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS))
    .option('--json', 'write events as JSON Lines, and the summary as the last of them')
    .addHelpText(
      'after',
      examples(
        ['ibot launch -n 2 pipelines/quickstart.yaml', 'in two processes'],
        ['ibot launch -n 4 --restarts 10 pipelines/ibot-vit-s.yaml', 'starting again when a process is lost'],
        ['ibot launch -n 2 --resume runs/quickstart', 'go on with a run, whatever number of processes began it'],
      ),
    )

export type LaunchOptions = OptionsOf<typeof launchCommand>
