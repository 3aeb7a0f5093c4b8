/** `ibot check`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption, setOption, unsetOption } from './options'

export const checkCommand = () =>
  new Command('check')
    .summary('find what is wrong with a pipeline, or show what it is going to be')
    .description(
      'Reads FILE, opens its data, and reports every problem with its place, or the sizes, parameters, schedules and steps of the run and the cost of a step. Sizes and parameters are shown without the data, too. Trains nothing.',
    )
    .argument('<file>', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .option('--json', 'write one JSON object: ok, problems, plan, forecast')
    .addHelpText(
      'after',
      examples(
        ['ibot check pipelines/quickstart.yaml', 'is it right, and what is it?'],
        ['ibot check pipelines/quickstart.yaml --set vit.depth=24', 'how large would it be?'],
        ['ibot check pipelines/quickstart.yaml --json', 'for other programs'],
      ),
    )

export type CheckOptions = OptionsOf<typeof checkCommand>
