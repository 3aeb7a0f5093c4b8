/** Pipelines that must not compile. Each error is expected on its line; the compiler complains where there is none. */
import { pipe } from 'fp-ts/function'
import { type Plan, pipeline, type Runnable } from '../../src/dsl/plan'
import * as _ from '../dsl/registry'

const run = (plan: Plan<Runnable>): string => plan.name

const start = pipe(
  pipeline('a'),
  _.source('data'),
  _.views({ global: [{ augment: [_.crop({ size: 32 }), _.flip({ p: 0.5 })] }] }),
)

/** This one compiles. */
export const complete = pipe(
  start,
  _.masking({ mask: _.mixture([_.none(), _.block([0.1, 0.5])]) }),
  _.vit({ width: 48 }),
  _.head(),
  _.teacher(_.cosine({ from: 0.996, to: 1 })),
  _.loss({ target: [_.centred(), _.softmax()] }),
  _.adamw({ lr: 5e-4, weightDecay: _.linear({ from: 0.04, to: 0.4 }) }),
  _.train({ epochs: 1 }),
)
run(complete)

// Facts: what a stage needs must stand above it.

// @ts-expect-error no loss and no optimizer: it can't be run
run(start)
// @ts-expect-error the first stage needs images
pipe(pipeline('a'), _.views({ global: [{ augment: _.flip() }] }))
// @ts-expect-error 'mask' is missing: there is no masking
pipe(start, _.vit({ width: 48 }), _.head(), _.teacher(0.99), _.loss())
// @ts-expect-error order: the head stands above the backbone whose tokens it needs
pipe(start, _.head(), _.vit({ width: 48 }))
pipe(
  start,
  _.masking(_.none()),
  _.vit({ width: 48 }),
  _.head(),
  _.teacher(0.99),
  _.loss(),
  // @ts-expect-error order: the training stands above the optimizer
  _.train({ epochs: 1 }),
  _.adamw({ lr: 1 }),
)

// Slots: one that isn't `many` is filled once.

pipe(
  start,
  _.vit({ width: 48 }),
  // @ts-expect-error a second backbone
  _.vit({ width: 48 }),
  _.head(),
)
// @ts-expect-error a second source
pipe(start, _.source('data'))
// @ts-expect-error a second masking
pipe(start, _.masking(_.none()), _.masking(_.none()))
/** Two losses compile. */
export const twice = pipe(
  start,
  _.masking(_.none()),
  _.vit({ width: 48 }),
  _.head(),
  _.teacher(0.99),
  _.loss(),
  _.loss(),
  _.adamw({ lr: 1 }),
  _.train({ epochs: 1 }),
)
run(twice)
// @ts-expect-error a second training
pipe(twice, _.train({ epochs: 1 }))

// Kinds: an op stands only where its kind does.

// @ts-expect-error a schedule is no augmentation
_.views({ global: [{ augment: [_.cosine({ from: 1 })] }] })
// @ts-expect-error an augmentation is no mask
_.masking({ mask: _.flip() })
// @ts-expect-error a mask is no schedule
_.teacher(_.none())
// @ts-expect-error the last step must be a distribution
_.loss({ target: [_.softmax(), _.centred()] })
// @ts-expect-error an augmentation is no stage
pipe(start, _.flip())

// Parameters: each by its name and type.

// @ts-expect-error 'widht' is a typo
_.vit({ widht: 48 })
// @ts-expect-error 'depht' is a typo beside a correct key
_.vit({ width: 48, depht: 12 })
// @ts-expect-error 'width' is missing
_.vit({ depth: 12 })
// @ts-expect-error required parameters must be given
_.train()
// @ts-expect-error a text is no number
_.vit({ width: '48' })
// @ts-expect-error 'round' is no choice
_.block({ ratio: 0.5, shape: 'round' })
// @ts-expect-error p is for augmentations only
_.block({ ratio: 0.5, p: 0.5 })
// @ts-expect-error a list of lists is no list of augmentations
_.views({ global: [{ augment: [[_.flip()]] }] })
