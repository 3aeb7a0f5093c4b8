/** `ibot view attention|pca|correspondence`: what they are called and take. */
import { Command, Option } from '@commander-js/extra-typings'
import { examples, type OptionsOf, opsOption, wholeNumber } from './options'

const figureCommand = (kind: string, summary: string) =>
  new Command(kind)
    .summary(summary)
    .description(
      `Shows ${summary}, of the teacher (the student where there is none) in the newest checkpoint of a run, and writes it as PNG.`,
    )
    .argument('<run>', "the run's folder")
    .option('--images <files...>', "pictures, or how many of the run's data", ['4'])
    .addOption(
      new Option('--size <pixels>', 'side to which pictures are brought (default: that of the global views)').argParser(
        wholeNumber(1, 4096),
      ),
    )
    .option('--out <path>', `where to write (default: RUN-${kind}.png, numbered if that exists)`)
    .addOption(opsOption())
    .addHelpText(
      'after',
      examples(
        [`ibot view ${kind} runs/quickstart`, 'some pictures of its data'],
        [`ibot view ${kind} runs/mine --images cat.jpg dog.jpg --size 480`, 'others, larger'],
      ),
    )

export const attentionCommand = () => figureCommand('attention', "what each head's [CLS] looks at, in the last block")

export const pcaCommand = () => figureCommand('pca', 'the principal components of patches as colours')

export const correspondenceCommand = () =>
  figureCommand('correspondence', 'which patches of two pictures match').addOption(
    new Option('--matches <n>', 'how many lines a pair').argParser(wholeNumber(1, 1000)).default(16),
  )

export type FigureOptions = OptionsOf<typeof attentionCommand>
export type CorrespondenceOptions = OptionsOf<typeof correspondenceCommand>
