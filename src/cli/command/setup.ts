/** `ibot setup`: what it is called and takes. */
import { Command } from '@commander-js/extra-typings'
import { examples, type OptionsOf } from './options'

export const setupCommand = () =>
  new Command('setup')
    .summary("fetch TensorFlow's library, which makes runs fast")
    .description(
      "Looks for TensorFlow's C library and fetches it into the cache if there is none: once, by Python's pip, with nothing to compile.",
    )
    .option('--gpu', "the library for NVIDIA's GPUs, with what it needs of CUDA")
    .option('--json', 'write one JSON object: ok, fetched, library, version, devices')
    .addHelpText(
      'after',
      examples(
        ['ibot setup', 'for the CPU'],
        ['ibot setup --gpu', "for NVIDIA's GPUs too"],
        ['ibot setup --json', 'for other programs'],
      ),
    )

export type SetupOptions = OptionsOf<typeof setupCommand>
