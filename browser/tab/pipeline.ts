/** A pipeline's text as a design with its data, or all that is wrong with it, as `ibot check` tells it. */
import * as E from 'fp-ts/Either'
import { type Failure, type FailureAt, missing, rejected } from '../../src/base/failure'
import { draftFailure } from '../../src/dsl/draftFailure'
import { dataOf, type OpenedData, openData } from '../../src/evaluate/openData'
import { dataStages, openSources } from '../../src/evaluate/openSources'
import { registry } from '../../src/ops/registry'
import { type Design, readDesignDraft } from '../../src/program/design'

/** What the text is called in messages: the name under which the page saves it. */
export const FILE = 'pipeline.yaml'

type Notify = (message: string) => void

/** What only a process with a disk and a network can do. */
const beyondATab = ({ initialWeights, log, training }: Design): readonly FailureAt[] => {
  const { batch, microBatch = batch } = training.meaning
  return [
    ...(initialWeights === undefined
      ? []
      : [
          {
            path: initialWeights.path,
            failure: missing('a tab starts from no weights of a file', "Leave 'initialWeights' out, or train with 'ibot run'."),
          },
        ]),
    ...(log === undefined
      ? []
      : [{ path: log.path, failure: missing('a tab sends nothing', "Leave 'log' out, or train with 'ibot run'.") }]),
    ...(microBatch === batch
      ? []
      : [
          {
            path: [...training.path, 'microBatch'],
            failure: missing('a tab computes whole batches', "Make 'batch' smaller in the place of 'microBatch'."),
          },
        ]),
  ]
}

/** The design in a text; all that is wrong with it and with its data comes as one failure. */
export const checked = async (text: string, notify: Notify = () => undefined): Promise<E.Either<Failure, Design>> => {
  const read = readDesignDraft(registry, FILE, text, {})
  if (E.isLeft(read)) return E.left(rejected(read.left))
  const { design } = read.right
  const { faults } = await (design === undefined
    ? openSources(dataStages(registry, read.right.checked), notify)
    : dataOf(design, notify))()
  const failure = draftFailure(read.right, [...faults, ...(design === undefined ? [] : beyondATab(design))])
  return failure === undefined ? E.right(design!) : E.left(failure)
}

/** The same with its program, ready to be trained. */
export const opened = async (text: string, notify: Notify): Promise<E.Either<Failure, OpenedData>> => {
  const design = await checked(text, notify)
  return E.isLeft(design) ? design : openData(design.right, () => undefined)()
}
