/** `ibot init`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf } from './options'

export const initCommand = () =>
  new Command('init')
    .summary('write a pipeline for pictures of your own')
    .description(
      'Looks at the pictures in --data and writes DIR/pipeline.yaml for them: crops, patches, network, batch and length as their sizes and number and the memory of this machine suggest, each with its reason. Where they have labels and no set for testing, a tenth of each class is kept apart for k-NN, and two lists say which. Nothing is overwritten.',
    )
    .argument('[dir]', 'the folder to write into', '.')
    .requiredOption(
      '--data <folder>',
      'a folder of pictures, of archives (.tar), of .parquet or .npy files, or one with train and val below it; or one such file or list',
    )
    .option('--json', 'write one JSON object: ok, files, pictures, classes, proposal')
    .addHelpText(
      'after',
      examples(
        ['ibot init --data photos', 'writes pipeline.yaml'],
        ['ibot init flowers --data data/flowers', 'writes flowers/pipeline.yaml'],
        ['ibot check flowers/pipeline.yaml', 'what is it going to be?'],
      ),
    )

export type InitOptions = OptionsOf<typeof initCommand>
