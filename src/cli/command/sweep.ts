/** `ibot sweep`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { backendOption, examples, type OptionsOf, opsOption, setOption, unsetOption, wholeNumber } from './options'

/** More runs than that nobody waits for. */
const MOST_SEEDS = 1000

export const sweepCommand = () =>
  new Command('sweep')
    .summary('train a pipeline with every combination of several values')
    .description(
      'Trains the pipeline in FILE once for each combination of the values that --set names, one after the other, each in a folder of its own, and sets the runs beside each other. The same command again goes on where it stopped; with more values it adds their runs. Values are separated by commas; one that is a list or has a comma in it keeps its brackets or quotes.',
    )
    .argument('<file>', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(
      new Option('--seeds <count>', 'run each combination with so many seeds, from 0 on').argParser(wholeNumber(1, MOST_SEEDS)),
    )
    .addOption(opsOption())
    .option('--out <dir>', "the sweep's folder (default: sweeps/NAME)")
    .option('--skip-rejected', 'leave out combinations that are no pipeline, in place of refusing all')
    .addOption(backendOption())
    .option('--no-download', "fetch neither TensorFlow's library nor data that aren't there")
    .option('--json', 'write one JSON object at the end')
    .addHelpText(
      'after',
      examples(
        ['ibot sweep pipelines/quickstart.yaml --set vit.depth=4,6 --seeds 3', 'six runs'],
        ["ibot sweep my.yaml --set 'knn.k=[10,20],[200]' --set train.epochs=10", 'two runs, of ten epochs each'],
        ["ibot sweep my.yaml --set 'masking=block,random: { ratio: 0.3 }'", 'values may be ops'],
      ),
    )

export type SweepOptions = OptionsOf<typeof sweepCommand>
