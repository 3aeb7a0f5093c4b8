/** `ibot setup`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { PLUGIN_NAMES } from '../../xla/plugin/kinds'
import { examples, type OptionsOf } from './options'

export const setupCommand = () =>
  new Command('setup')
    .summary("fetch TensorFlow's library, or what GPUs need")
    .description(
      "Looks for TensorFlow's C library, which makes runs on a CPU fast, or with --gpu and --xla for a plugin of XLA, and fetches it into the cache if there is none: once, by Python's pip, with nothing to compile.",
    )
    .option('--gpu', "XLA's plugin for this machine's GPU, with what it needs of CUDA")
    .addOption(
      new Option('--xla <plugin>', 'a plugin of XLA by its name, whatever machine this is')
        .choices(PLUGIN_NAMES)
        .conflicts('gpu'),
    )
    .option('--json', 'write one JSON object: ok, fetched, library, version, devices, or ok, fetched, plugin')
    .addHelpText(
      'after',
      examples(
        ['ibot setup', 'for the CPU'],
        ['ibot setup --gpu', "for this machine's GPU"],
        ['ibot setup --xla cuda12', 'for GPUs of other machines'],
        ['ibot setup --json', 'for other programs'],
      ),
    )

export type SetupOptions = OptionsOf<typeof setupCommand>
