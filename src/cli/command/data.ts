/** `ibot data`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption, setOption, unsetOption, wholeNumber } from './options'

export const dataCommand = () =>
  new Command('data')
    .summary('describe the pictures of a pipeline, or of a folder')
    .description(
      "Reads the pictures of the pipeline in FILE, or those in the folder, and reports how many there are of each class, their sizes, mean and standard deviation, duplicates, and pictures that can't be read.",
    )
    .argument('<file>', 'the pipeline (YAML); a folder of pictures; a list (.csv, .tsv, .txt), .tar, .parquet or .npy file')
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .addOption(new Option('--images <n>', 'read so many only, spread evenly (default: all)').argParser(wholeNumber(1, 2 ** 31)))
    .option('--json', 'write one JSON object: ok, sets, common')
    .addHelpText(
      'after',
      examples(
        ['ibot data pipelines/quickstart.yaml', 'the data set, and that of its probe'],
        ['ibot data data/train --images 1000', 'a look at a large folder'],
        ['ibot data data/train --json', 'with the names of all duplicates'],
      ),
    )

export type DataOptions = OptionsOf<typeof dataCommand>
