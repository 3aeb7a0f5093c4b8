/** The length of a run, once its data are known. */
import * as E from 'fp-ts/Either'
import { type Failure, type Problem, rejected } from '../base/failure'
import type { Span } from '../ops/schedule/kind'
import type { Design } from './design'
import { oversized } from './schedules'

/** What a program must know of the data. */
export interface DataFacts {
  readonly count: number
  readonly channels: 1 | 3
  /** What it is called in messages, and the names of its classes; where they aren't given, labels aren't checked. */
  readonly name?: string
  readonly classes?: readonly string[]
}

/** The stages that the data have to fit; in a pipeline with problems some may lack. */
export type UsingStages = { readonly [K in 'dataset' | 'training' | 'views' | 'head' | 'losses']?: Design[K] | undefined }

/** Whether the pictures have the labels that losses need, of as many classes as the head has. */
const checkLabels = ({ dataset, head, losses = [] }: UsingStages, { name, classes }: DataFacts): readonly Problem[] => {
  const asking = losses.find(({ needs }) => needs.includes('labels'))
  if (asking === undefined || dataset === undefined || classes === undefined) return []
  if (classes.length === 0)
    return [
      {
        code: 'no-labels',
        path: dataset.path,
        at: 'value',
        message: `'${asking.name}' needs labels, and ${name ?? 'the data set'} has none`,
        suggestion: "use pictures with labels: a folder for each class ('imageFolder'), a list with labels ('imageList')",
      },
    ]
  if (head === undefined) return []
  const own = head.meaning.classes
  if (own === undefined && asking.needs.includes('logits.class'))
    return [
      {
        code: 'wrong-classes',
        path: head.path,
        at: 'key',
        message: `'${head.name}' doesn't tell how many classes its logits are of`,
        suggestion: "let what it means tell its 'classes'",
      },
    ]
  return own === undefined || own === classes.length
    ? []
    : [
        {
          code: 'wrong-classes',
          path: [...head.path, 'classes'],
          at: 'value',
          message: `the pictures have ${classes.length === 1 ? 'one class' : `${classes.length} classes`}, and '${head.name}' ${own}`,
          suggestion:
            classes.length === 1
              ? 'use pictures of two classes or more'
              : `write 'classes: ${classes.length}', or name all ${own} classes in the source`,
        },
      ]
}

/** What a pipeline supposes of its data while nothing is known of them: an epoch of one step, and channels as its normalisation has them. */
export const supposed = ({ training, views }: Pick<Design, 'training' | 'views'>): DataFacts => ({
  count: training.meaning.batch,
  channels: views.meaning.mean.length as 1 | 3,
})

/** Where the data don't fit the stages that use them; what isn't known of these isn't judged. */
export const misfits = (stages: UsingStages, facts: DataFacts): readonly Problem[] => {
  const { training, views } = stages
  const { count, channels } = facts
  return [
    ...(training === undefined || training.meaning.batch <= count
      ? []
      : [
          {
            code: 'batch-too-large',
            path: [...training.path, 'batch'],
            at: 'value' as const,
            message: `a batch of ${training.meaning.batch} is larger than the data set, which has ${count} pictures`,
            suggestion: `use ${count} or less`,
          },
        ]),
    ...(views === undefined || views.meaning.mean.length === channels
      ? []
      : [
          {
            code: 'wrong-channels',
            path: [...views.path, 'normalize', 'mean'],
            at: 'value' as const,
            message: `the pictures have ${channels === 1 ? 'one channel' : `${channels} channels`}, but normalize has ${views.meaning.mean.length} numbers`,
            suggestion:
              channels === 1
                ? "write 'normalize: { mean: [0.5], std: [0.5] }', with the data's own numbers"
                : 'give one number a channel',
          },
        ]),
    ...checkLabels(stages, facts),
  ]
}

/** The run's length in the units of schedules; of data that don't fill a batch as if they did. */
export const lengthOf = ({ training }: Pick<Design, 'training'>, { count }: Pick<DataFacts, 'count'>): Span => {
  const { batch, length } = training.meaning
  const stepsPerEpoch = Math.max(1, Math.floor(count / batch))
  return { batch, stepsPerEpoch, steps: 'steps' in length ? length.steps : length.epochs * stepsPerEpoch }
}

/** The run's length in the units of schedules; problems where the data don't fit the pipeline. */
export const spanOf = (design: Design, facts: DataFacts): E.Either<Failure, Span> => {
  const span = lengthOf(design, facts)
  const problems = [...misfits(design, facts), ...oversized(design, span)]
  return problems.length > 0 ? E.left(rejected(problems)) : E.right(span)
}
