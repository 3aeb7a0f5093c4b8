/** A small language with every kind of type in it: the tests of the language must not depend on the real ops. */
import { define } from '../../src/dsl/op'
import { stage } from '../../src/dsl/plan'
import { registryOf } from '../../src/dsl/registry'
import { slot } from '../../src/dsl/spec'
import {
  choice,
  flag,
  integer,
  kind,
  list,
  maybe,
  nonNegative,
  number,
  numberOr,
  oneOrMore,
  op,
  optional,
  positive,
  probability,
  rangeWithin,
  required,
  stepsThen,
  struct,
  text,
} from '../../src/dsl/type'

// ------------------------------------------------------------------------------------------------------ schedules

type Schedule = (progress: number) => number

const schedule = kind<Schedule, number>()({
  name: 'schedule',
  article: 'a schedule',
  sugar: {
    expected: 'a number, for a constant',
    schema: { type: 'number' },
    remove: (u) => (typeof u === 'number' && Number.isFinite(u) ? { constant: { value: u } } : undefined),
  },
})

export const constant = define(schedule)({
  name: 'constant',
  doc: 'The same value all the time.',
  fields: { value: required(number, 'the value') },
  main: 'value',
  build:
    ({ value }) =>
    () =>
      value,
})
export const linear = define(schedule)({
  name: 'linear',
  doc: 'A straight line.',
  fields: { from: required(number, 'first value'), to: required(number, 'last value') },
  build:
    ({ from, to }) =>
    (x) =>
      from + (to - from) * x,
})
export const cosine = define(schedule)({
  name: 'cosine',
  doc: 'Half a cosine from one value to another.',
  equation: 'to + (from - to) · (1 + cos πx) / 2',
  source: 'arXiv 1608.03983, equation 5',
  fields: {
    from: required(number, 'first value'),
    to: optional(number, 0, 'last value'),
    warmupEpochs: optional(integer(0), 0, 'epochs of linear warm-up'),
  },
  main: 'from',
  build:
    ({ from, to }) =>
    (x) =>
      to + ((from - to) * (1 + Math.cos(Math.PI * x))) / 2,
})
export const piecewise = define(schedule)({
  name: 'piecewise',
  doc: 'Steps, each up to a share of the run.',
  fields: {
    steps: required(list(struct({ until: required(probability, 'share'), value: required(number, 'value') })), 'the steps'),
  },
  main: 'steps',
  example: {
    steps: [
      { until: 0.5, value: 1 },
      { until: 1, value: 0.1 },
    ],
  },
  refine: ({ steps }) =>
    steps.flatMap((step, i) =>
      i > 0 && step.until <= steps[i - 1]!.until
        ? [{ path: ['steps', i, 'until'], message: `expected more than ${steps[i - 1]!.until}, got ${step.until}` }]
        : [],
    ),
  build:
    ({ steps }) =>
    (x) =>
      steps.find((step) => x <= step.until)?.value ?? 0,
})
export const scaled = define(schedule)({
  name: 'scaled',
  doc: 'Another schedule times a factor.',
  fields: { schedule: required(op(schedule), 'what is scaled'), by: optional(positive, 2, 'the factor') },
  main: 'schedule',
  build:
    ({ schedule: inner, by }) =>
    (x) =>
      by * inner(x),
})

// -------------------------------------------------------------------------------------------------- augmentations

const augmentation = kind<string, never, { readonly p?: number }>()({
  name: 'augmentation',
  article: 'an augmentation',
  modifiers: {
    p: {
      field: optional(probability, 1, 'how likely it is applied'),
      wrap: (p, inner) => ({ sometimes: { p: p as number, augmentations: [inner] } }),
    },
  },
})
const augmentations = oneOrMore(op(augmentation))
const size = integer(1)

export const crop = define(augmentation)({
  name: 'crop',
  doc: 'A random part of the image.',
  fields: { size: required(size, 'side in pixels'), scale: optional(rangeWithin(0, 1), [0.25, 1], 'share of the area') },
  main: 'size',
  build: ({ size }) => `crop ${size}`,
})
export const blur = define(augmentation)({
  name: 'blur',
  doc: 'Blurs.',
  fields: { radius: optional(rangeWithin(0, Number.POSITIVE_INFINITY), [0.1, 2], 'radius in pixels') },
  main: 'radius',
  build: () => 'blur',
})
export const flip = define(augmentation)({ name: 'flip', doc: 'Mirrors; `p` is how often.', fields: {}, build: () => 'flip' })
export const sometimes = define(augmentation)({
  name: 'sometimes',
  doc: 'Augmentations applied with some probability.',
  fields: { p: required(probability, 'how likely'), augmentations: required(augmentations, 'which') },
  build: ({ p, augmentations: parts }) => `${p}(${parts.join(' ')})`,
})
export const sequence = define(augmentation)({
  name: 'sequence',
  doc: 'One after the other.',
  fields: { augmentations: required(augmentations, 'which') },
  main: 'augmentations',
  build: ({ augmentations: parts }) => parts.join(' '),
})

// ---------------------------------------------------------------------------------------------------------- masks

const mask = kind<string>()({ name: 'mask', article: 'a mask' })

export const none = define(mask)({ name: 'none', doc: 'Hides nothing.', fields: {}, build: () => 'none' })
export const block = define(mask)({
  name: 'block',
  doc: 'Hides rectangles.',
  fields: {
    ratio: required(rangeWithin(0, 1), 'share that is hidden'),
    shape: optional(choice('square', 'any'), 'any', 'shape'),
  },
  main: 'ratio',
  build: () => 'block',
})
export const mixture = define(mask)({
  name: 'mixture',
  doc: 'One of several masks.',
  fields: { masks: required(list(op(mask)), 'which'), weights: maybe(list(nonNegative), 'how likely each is') },
  main: 'masks',
  refine: ({ masks, weights }) =>
    weights !== undefined && weights.length !== masks.length
      ? [{ path: ['weights'], message: `expected ${masks.length} weights, got ${weights.length}` }]
      : [],
  build: ({ masks }) => masks.join('|'),
})

// -------------------------------------------------------------------------------------------------------- targets

const transform = kind<string>()({ name: 'transform', article: 'a transform' })
const distribution = kind<string>()({ name: 'distribution', article: 'a distribution' })

export const centred = define(transform)({
  name: 'centred',
  doc: 'Minus the running mean.',
  fields: { momentum: optional(numberOr(schedule), 0.9, 'momentum of the mean') },
  main: 'momentum',
  build: () => 'centred',
})
export const softmax = define(distribution)({
  name: 'softmax',
  doc: 'Exponentials over their sum.',
  fields: { temperature: optional(op(schedule), 0.1, 'temperature') },
  build: () => 'softmax',
})

// --------------------------------------------------------------------------------------------------------- stages

const one = <const Name extends string>(name: Name) => slot<unknown>()(name)
const view = struct({
  times: optional(integer(1), 1, 'how many'),
  augment: required(augmentations, 'how they are made'),
})

export const source = stage(one('source'))({
  name: 'source',
  doc: 'Images from a folder.',
  needs: [],
  gives: ['images'],
  fields: {
    path: required(text, 'the folder'),
    batch: optional(integer(1), 64, 'images a step'),
    channels: optional(choice(1, 3), 3, 'channels'),
  },
  main: 'path',
  build: (p) => p,
})
export const views = stage(one('views'))({
  name: 'views',
  doc: 'Several views of each image.',
  needs: ['images'],
  gives: ['views'],
  fields: {
    global: required(list(view, { max: 4 }), 'what student and teacher see'),
    local: optional(list(view, { min: 0 }), [], 'what only the student sees'),
  },
  build: (p) => p,
})
export const masking = stage(one('masking'))({
  name: 'masking',
  doc: 'Hides patches from the student.',
  needs: ['views'],
  gives: ['mask'],
  fields: { mask: required(op(mask), 'which patches') },
  main: 'mask',
  build: (p) => p,
})
export const vit = stage(one('backbone'))({
  name: 'vit',
  doc: 'A vision transformer.',
  needs: ['views'],
  gives: ['tokens.cls', 'tokens.patch'],
  fields: {
    width: required(integer(1), 'width'),
    depth: optional(integer(1), 12, 'blocks'),
    heads: optional(integer(1), 1, 'attention heads'),
    qkvBias: optional(flag, true, 'whether queries, keys and values have biases'),
  },
  refine: ({ width, heads }) =>
    width % heads === 0
      ? []
      : [
          {
            path: ['heads'],
            message: `width ${width} can't be divided among ${heads} heads`,
            suggestion: 'take a divisor of the width',
          },
        ],
  build: (p) => p,
})
export const head = stage(one('head'))({
  name: 'head',
  doc: 'From tokens to logits.',
  needs: ['tokens.cls', 'tokens.patch'],
  gives: ['logits.cls', 'logits.patch'],
  fields: { out: optional(integer(2), 8192, 'classes'), hidden: optional(oneOrMore(integer(1)), 2048, 'hidden widths') },
  build: (p) => p,
})
export const teacher = stage(one('teacher'))({
  name: 'teacher',
  doc: 'The average of past students.',
  equation: "θ' ← λ θ' + (1 - λ) θ",
  needs: ['logits.cls'],
  gives: ['teacher'],
  fields: { momentum: required(numberOr(schedule), 'how much stays') },
  main: 'momentum',
  build: (p) => p,
})
export const loss = stage(slot<unknown>()('loss', true))({
  name: 'loss',
  doc: 'Masked patches: what the teacher sees, the student guesses.',
  needs: ['mask', 'logits.patch', 'teacher'],
  gives: ['loss'],
  fields: {
    weight: optional(nonNegative, 1, 'weight'),
    target: optional(stepsThen(transform, distribution), [centred(), softmax()], 'what the student learns'),
  },
  build: (p) => p,
})
export const adamw = stage(one('optimizer'))({
  name: 'adamw',
  doc: 'AdamW.',
  needs: ['loss'],
  gives: ['optimizer'],
  fields: {
    lr: required(op(schedule), 'learning rate'),
    weightDecay: optional(op(schedule), 0.04, 'weight decay'),
    betas: optional(list(probability, { min: 2, max: 2 }), [0.9, 0.999], 'decay of the moments'),
    clip: maybe(positive, 'largest norm of the gradient'),
  },
  build: (p) => p,
})
export const train = stage(one('training'))({
  name: 'train',
  doc: 'How long.',
  needs: ['optimizer'],
  gives: ['training'],
  fields: {
    epochs: required(integer(1), 'passes over the images'),
    seed: optional(integer(0), 0, 'seed'),
    label: maybe(text, 'a label'),
  },
  build: (p) => p,
})
export const log = stage(slot<unknown>()('log', true))({
  name: 'log',
  doc: 'Writes something down now and then.',
  needs: ['training'],
  gives: [],
  fields: { every: optional(integer(1), 100, 'steps between') },
  build: (p) => p,
})

export const constructors = {
  constant,
  linear,
  cosine,
  piecewise,
  scaled,
  crop,
  blur,
  flip,
  sometimes,
  sequence,
  none,
  block,
  mixture,
  centred,
  softmax,
  source,
  views,
  masking,
  vit,
  head,
  teacher,
  loss,
  adamw,
  train,
  log,
}

export const registry = registryOf(Object.values(constructors).map(({ spec }) => spec))
