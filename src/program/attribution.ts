/** Which stage's code runs: what doesn't fit the backend is told with its place in the pipeline. */
import * as tf from '@tensorflow/tfjs-core'
import { TensorFlowError } from '../base/engineError'
import { type Failure, rejected } from '../base/failure'
import type { Loss, Mixing, Teacher } from '../ops/slots'
import type { Design } from './design'
import type { BuiltStage } from './stages'
import { type Unsupported, unsupportedBy } from './unsupported'

type Stage = Pick<BuiltStage<unknown>, 'name' | 'path'>

/** Carries what doesn't fit, and the stage whose code it is, through tfjs. */
class UnsupportedInStage extends Error {
  constructor(
    readonly stage: Stage,
    readonly why: Unsupported,
  ) {
    super(`'${stage.name}' ${why.message}`)
  }
}

/** The backend's part, if it compiles: an error that it could not throw, as nobody waits for what `data()` promises. */
const owed = (): unknown => (tf.engine().backend as { readonly owed?: () => unknown }).owed?.()

/** Keeps which stage's code of a program runs. */
export interface Tracker {
  /** The stage whose code runs now; undefined between stages. */
  readonly now: () => Stage | undefined
  /** Code of a stage; of stages within stages the innermost is named. */
  readonly within: <A extends readonly unknown[], B>(stage: Stage, f: (...given: A) => B) => (...given: A) => B
}

export const newTracker = (): Tracker => {
  let running: Stage | undefined
  return {
    now: () => running,
    within:
      (stage, f) =>
      (...given) => {
        const before = running
        running = stage
        try {
          const result = f(...given)
          const error = owed()
          if (error !== undefined) throw error
          return result
        } catch (error) {
          const why = unsupportedBy(error)
          throw why === undefined ? error : new UnsupportedInStage({ name: stage.name, path: stage.path }, why)
        } finally {
          running = before
        }
      },
  }
}

const withMeaning = <M>(placed: BuiltStage<M>, meaning: Partial<M>): BuiltStage<M> => ({
  ...placed,
  meaning: { ...placed.meaning, ...meaning },
})

const attributedBackbone = (stage: Design['backbone'], { within }: Tracker): Design['backbone'] => {
  const made =
    (make: typeof stage.meaning.student): typeof make =>
    (input) => {
      const encoder = make(input)
      return { ...encoder, tokens: within(stage, encoder.tokens), tokensAt: within(stage, encoder.tokensAt) }
    }
  return withMeaning(stage, { student: made(stage.meaning.student), teacher: made(stage.meaning.teacher) })
}

const attributedHead = (stage: Design['head'], { within }: Tracker): Design['head'] => {
  const made =
    (make: typeof stage.meaning.student): typeof make =>
    (inputs) => {
      const head = make(inputs)
      const lastLayer: typeof head.lastLayer = (weights, context) => {
        const { cls, patch } = head.lastLayer(weights, context)
        return { cls: within(stage, cls), patch: within(stage, patch) }
      }
      return { ...head, embed: within(stage, head.embed), lastLayer: within(stage, lastLayer) }
    }
  return withMeaning(stage, { student: made(stage.meaning.student), teacher: made(stage.meaning.teacher) })
}

const attributedTeacher = (stage: BuiltStage<Teacher>, tracker: Tracker): BuiltStage<Teacher> =>
  withMeaning(stage, { update: tracker.within(stage, stage.meaning.update) })

const attributedLoss = (stage: BuiltStage<Loss>, tracker: Tracker): BuiltStage<Loss> => {
  const { meaning } = stage
  return {
    ...stage,
    meaning:
      meaning.teach === undefined
        ? {
            ...meaning,
            learn: tracker.within(stage, meaning.learn),
            ...(meaning.monitor && { monitor: tracker.within(stage, meaning.monitor) }),
          }
        : {
            ...meaning,
            teach: tracker.within(stage, meaning.teach),
            learn: tracker.within(stage, meaning.learn),
            ...(meaning.monitor && { monitor: tracker.within(stage, meaning.monitor) }),
          },
  }
}

const attributedMixing = (stage: BuiltStage<Mixing>, tracker: Tracker): BuiltStage<Mixing> =>
  withMeaning(stage, {
    pictures: tracker.within(stage, stage.meaning.pictures),
    labels: tracker.within(stage, stage.meaning.labels),
  })

/** A design whose stages tell a tracker when they compute. */
export const attributed = (design: Design, tracker: Tracker): Design => ({
  ...design,
  mixing: design.mixing && attributedMixing(design.mixing, tracker),
  backbone: attributedBackbone(design.backbone, tracker),
  head: attributedHead(design.head, tracker),
  teacher: design.teacher && attributedTeacher(design.teacher, tracker),
  losses: design.losses.map((loss) => attributedLoss(loss, tracker)),
  optimizer: withMeaning(design.optimizer, { update: tracker.within(design.optimizer, design.optimizer.meaning.update) }),
})

/**
 * A pipeline that doesn't fit the backend, by the error that this made; undefined for other errors. `elsewhere` is the
 * backend that could compute it.
 */
export const unsupportedFailure = (error: unknown, elsewhere?: string): Failure | undefined => {
  const [stage, why] =
    error instanceof UnsupportedInStage
      ? [error.stage, error.why]
      : // The backward pass belongs to no stage. What TensorFlow says there may be of a run as well as of the recording.
        [undefined, error instanceof TensorFlowError ? undefined : unsupportedBy(error)]
  if (why === undefined) return undefined
  const { message } = why
  const suggestion = `${why.suggestion}${elsewhere === undefined ? '' : `, or compute with '--backend ${elsewhere}'`}`
  const subject = stage === undefined ? 'a step of this pipeline' : `'${stage.name}'`
  return rejected([
    { code: 'unfit-op', path: stage?.path ?? ['pipeline'], at: 'key', message: `${subject} ${message}`, suggestion },
  ])
}
