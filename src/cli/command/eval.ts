/** `ibot eval`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { backendOption, examples, networkOption, type OptionsOf, opsOption, setOption, unsetOption } from './options'

export const evalCommand = () =>
  new Command('eval')
    .summary("measure a run's network by probes")
    .description(
      "Measures the network of the run in DIR, as its newest checkpoint holds it, by the probes of its pipeline or by others. Each result is kept in the run's eval.jsonl, and shown in its report. The run may still be going on.",
    )
    .argument('<dir>', 'the folder of the run, or of an import')
    .option(
      '--probe <probes...>',
      "probes: names of the pipeline's, names of others, which take its pictures, or stages written out (default: all of the pipeline's)",
    )
    .option('--all', 'every probe that the pictures of the pipeline are enough for')
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(networkOption())
    .addOption(backendOption())
    .option('--no-download', "fetch neither TensorFlow's library nor data that aren't there")
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot eval runs/quickstart', "the pipeline's own probes"],
        ['ibot eval runs/quickstart --probe knn --set knn.k=[10,20,100,200]', 'with other parameters'],
        ['ibot eval runs/quickstart --probe clustering', 'another probe, of the same pictures'],
        ["ibot eval runs/mine --probe 'knn: { test: { imageFolder: data/val } }'", 'a probe written out'],
      ),
    )

export type EvalOptions = OptionsOf<typeof evalCommand>
