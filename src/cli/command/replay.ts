/** `ibot replay`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { REPLAYER, REPLAYERS } from '../../engine/engines'
import { examples, type OptionsOf, opsOption } from './options'

export const replayCommand = () =>
  new Command('replay')
    .summary('run the step that gave non-finite numbers again, op by op')
    .description(
      'Runs the step that ended the run in DIR with a non-finite number (NaN or infinite) again, op by op in float32, and reports which operation was the first to give one, where in the network it is, and what its inputs were. Neither the data nor TensorFlow are needed.',
    )
    .argument('<dir>', 'the folder of the run')
    .addOption(new Option('--backend <name>', 'what computes').choices(REPLAYERS).default(REPLAYER))
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot replay runs/quickstart', 'where did it go wrong?'],
        ['ibot replay runs/quickstart --backend cpu', 'the same in plain JavaScript'],
      ),
    )

export type ReplayOptions = OptionsOf<typeof replayCommand>
