/** `ibot view`: what it is called and takes. */
import { Command, Option } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption, setOption, unsetOption, wholeNumber } from './options'

export const viewCommand = () =>
  new Command('view')
    .summary('make pictures of what the networks see: views and masks')
    .description(
      'Draws views and masks of some pictures of the pipeline in FILE (or of a run) exactly as training does, and writes them as a contact sheet (PNG) and as a page that opens without a network (HTML).',
    )
    .argument('<file>', "the pipeline (YAML), or a run's folder")
    .addOption(setOption())
    .addOption(unsetOption())
    .addOption(opsOption())
    .addOption(new Option('--images <n>', 'how many pictures').argParser(wholeNumber(1, 256)).default(8))
    .addOption(
      new Option('--step <n>', 'the step, from 0, whose pictures are shown').argParser(wholeNumber(0, 2 ** 31)).default(0),
    )
    .option('--out <path>', 'where to write, with or without .png (default: NAME-views, numbered if that exists)')
    .addHelpText(
      'after',
      examples(
        ['ibot view pipelines/quickstart.yaml', 'views and masks of 8 pictures'],
        ['ibot view my.yaml --images 4 --set views.global.0.times=1', 'with another value'],
        ['ibot view runs/quickstart --step 1000 --out seen', 'what a run sees at a step: seen.png and seen.html'],
      ),
    )
    // Options behind the name of a command below it are that command's own.
    .enablePositionalOptions()

export type ViewOptions = OptionsOf<typeof viewCommand>
