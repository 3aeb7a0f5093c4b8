/** `ibot import`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { NETWORKS } from '../../base/networkName'
import { examples, headsOption, type OptionsOf, opsOption, setOption, unsetOption } from './options'

export const importCommand = () =>
  new Command('import')
    .summary('take over what other programs have trained')
    .description(
      'Reads a checkpoint of the official code, a network saved by PyTorch or as safetensors, or the arguments of an official run, and makes a folder of it: a run to go on with, weights with a pipeline that starts from them, or a pipeline. Pickles are read and never run.',
    )
    .argument('<file>', 'checkpoint.pth, weights (.pth, .bin, .safetensors), a folder with such a file, or args.txt')
    .requiredOption('--out <dir>', 'the folder to make, which must be empty')
    .option('--data <dir>', "the folder of the pictures (default: the official run's)")
    .option('--args <file>', "the official run's arguments, where they are not in the checkpoint")
    .addOption(new Option('--network <which>', 'take the weights of one network only').choices(NETWORKS))
    .addOption(headsOption())
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .option('--json', 'write one JSON object')
    .addHelpText(
      'after',
      examples(
        ['ibot import checkpoint.pth --out runs/vit-small --data imagenet/train', 'go on with an official run'],
        ['ibot import checkpoint.pth --network teacher --out small', 'its teacher, to start from'],
        ['ibot import dinov2-small/model.safetensors --out small', 'weights of Hugging Face, with the config.json beside them'],
        ['ibot import vit.pth --heads 12 --out base', 'weights alone, whose number of attention heads is not known'],
        ['ibot import args.txt --out recipe', 'its arguments as a pipeline'],
      ),
    )

export type ImportOptions = OptionsOf<typeof importCommand>
