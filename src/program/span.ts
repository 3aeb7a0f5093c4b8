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

/** Whether the pictures have the labels that losses need, of as many classes as the head has. */
const checkLabels = ({ dataset, head, losses }: Design, { name, classes }: DataFacts): readonly Problem[] => {
  const asking = losses.find(({ needs }) => needs.includes('labels'))
  if (asking === undefined || classes === undefined) return []
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
  const own = head.meaning.classes
  return own === undefined || own === classes.length
    ? []
    : [
        {
          code: 'wrong-classes',
          path: [...head.path, 'classes'],
          at: 'value',
          message: `the pictures have ${classes.length} classes, and '${head.name}' ${own}`,
          suggestion: `write 'classes: ${classes.length}', or name all ${own} classes in the source`,
        },
      ]
}

/** The run's length in the units of schedules; problems where the data don't fit the pipeline. */
export const spanOf = (design: Design, data: DataFacts): E.Either<Failure, Span> => {
  const { count, channels } = data
  const { batch, length } = design.training.meaning
  const { mean } = design.views.meaning
  const stepsPerEpoch = Math.floor(count / batch)
  const problems: readonly Problem[] = [
    ...(stepsPerEpoch > 0
      ? []
      : [
          {
            code: 'batch-too-large',
            path: [...design.training.path, 'batch'],
            at: 'value' as const,
            message: `a batch of ${batch} is larger than the data set, which has ${count} pictures`,
            suggestion: `use ${count} or less`,
          },
        ]),
    ...(mean.length === channels
      ? []
      : [
          {
            code: 'wrong-channels',
            path: [...design.views.path, 'normalize', 'mean'],
            at: 'value' as const,
            message: `the pictures have ${channels === 1 ? 'one channel' : `${channels} channels`}, but normalize has ${mean.length} numbers`,
            suggestion:
              channels === 1
                ? "write 'normalize: { mean: [0.5], std: [0.5] }', with the data's own numbers"
                : 'give one number a channel',
          },
        ]),
    ...checkLabels(design, data),
  ]
  if (problems.length > 0) return E.left(rejected(problems))
  const span = { batch, stepsPerEpoch, steps: 'steps' in length ? length.steps : length.epochs * stepsPerEpoch }
  const numbers = oversized(design, span)
  return numbers.length > 0 ? E.left(rejected(numbers)) : E.right(span)
}
