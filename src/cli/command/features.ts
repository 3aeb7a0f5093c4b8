/** `ibot features`: what it is called and takes. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { FORMATS, TOKENS } from '../../features/names'
import { backendOption, examples, networkOption, type OptionsOf, opsOption, wholeNumber } from './options'

/** One side of a square, or height and width: `224`, `320x480`. */
const sizeOf = (value: string): readonly [number, number] => {
  const sides = value.split(/[x×]/).map(Number)
  if (sides.length > 2 || !sides.every((side) => Number.isSafeInteger(side) && side >= 1 && side <= 8192))
    throw new InvalidArgumentError('Expected pixels: one number, or height and width as in 320x480.')
  return [sides[0]!, sides.at(-1)!]
}

export const featuresCommand = () =>
  new Command('features')
    .summary("write a run's features of pictures for other programs")
    .description(
      'Computes what the network of the run in DIR, as its newest checkpoint holds it, makes of pictures, and writes it to a file with their names and labels. What was computed is kept: the same command goes on where one was stopped.',
    )
    .argument('<dir>', 'the folder of the run, or of an import')
    .addOption(new Option('--to <format>', 'what to write').choices(FORMATS).makeOptionMandatory())
    .option(
      '--images <source>',
      "a folder, a list or an archive of pictures, or a source as in a pipeline (default: the run's own)",
    )
    .addOption(
      new Option('--tokens <which>', 'the [CLS] token, the mean of the patches, or every patch')
        .choices(TOKENS)
        .default('cls' as const),
    )
    .addOption(
      new Option('--blocks <n>', 'of so many of the last blocks, one after the other').argParser(wholeNumber(1, 1000)).default(1),
    )
    .addOption(
      new Option('--size <pixels>', 'to which pictures are resized and cut: 224, or height and width as 320x480').argParser(
        sizeOf,
      ),
    )
    .addOption(new Option('--batch <n>', 'pictures that are computed together').argParser(wholeNumber(1, 65_536)).default(32))
    .addOption(
      new Option('--precision <name>', 'of products').choices(['float32', 'bfloat16'] as const).default('float32' as const),
    )
    .addOption(networkOption())
    .option('--out <path>', "the file (default: a name below the run's folder, in features)")
    .addOption(backendOption())
    .option('--no-download', "fetch neither TensorFlow's library nor data that aren't there")
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot features runs/mine --to npy --images data/val', '[CLS] of the pictures in a folder'],
        ['ibot features runs/mine --to parquet --tokens patch --size 448', 'every patch, of larger pictures'],
        ["ibot features runs/mine --to jsonl --images '{ cifar: data/cifar }'", 'any source of a pipeline'],
      ),
    )

export type FeaturesOptions = OptionsOf<typeof featuresCommand>
