/** `ibot show`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption, setOption, unsetOption } from './options'

export const showCommand = () =>
  new Command('show')
    .summary('print a pipeline in full')
    .description(
      "Prints the pipeline in FILE with every default written out, as YAML or as TypeScript, or the operations that a step of it becomes in TensorFlow's graph.",
    )
    .argument('<file>', 'the pipeline (YAML)')
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .option('--ts', 'as a TypeScript module')
    .addOption(new Option('--graph', "as the graph of a step, which takes TensorFlow's library").conflicts('ts'))
    .addHelpText(
      'after',
      examples(
        ['ibot show pipelines/quickstart.yaml', 'all values'],
        ['ibot show pipelines/quickstart.yaml --set vit.width=384 > mine.yaml', 'a pipeline of your own'],
        ['ibot show pipelines/quickstart.yaml --ts > quickstart.ts', 'the same in TypeScript'],
        ['ibot show pipelines/quickstart.yaml --graph | less', 'what a step computes'],
      ),
    )

export type ShowOptions = OptionsOf<typeof showCommand>
