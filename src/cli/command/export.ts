/** `ibot export`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { FORMATS } from '../../export/formats'
import { examples, networkOption, type OptionsOf, opsOption } from './options'

export const exportCommand = () =>
  new Command('export')
    .summary("write a run's network for other programs")
    .description(
      "Writes the network of the run in DIR, from its newest checkpoint, and compares what it has written with the network on images of noise. What differs by more than 1e-4 isn't kept, and nothing is overwritten.",
    )
    .argument('<dir>', 'the folder of the run')
    .addOption(new Option('--to <format>', 'what to write').choices(FORMATS).makeOptionMandatory())
    .option('--out <path>', "where (default: a name below the run's folder, in exports)")
    .addOption(networkOption())
    .option('--with-head', 'with the projection head')
    .option('--no-download', "don't fetch TensorFlow's library if a format needs it and it isn't there")
    .option('--json', 'write one JSON object')
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        ['ibot export runs/quickstart --to safetensors', 'weights under the official names'],
        ['ibot export runs/quickstart --to timm --out vit', 'for timm.create_model'],
        ['ibot export runs/quickstart --to tfjs', 'for browsers'],
        ['ibot export runs/quickstart --to onnx --with-head', 'the computation itself, with the head'],
      ),
    )

export type ExportOptions = OptionsOf<typeof exportCommand>
