/** Batches made with ops of a user's own: the same bytes by threads, which load them from their module, and without. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { pathHere } from '../../src/base/command'

/** As a program has them: what is built, by the names of the package. */
const load = createRequire(join(__dirname, '..', '..', 'package.json'))
const ibot = load('ibot') as typeof import('../../src/index')
const { augmentation, define, point, pointTable, pointwise } = load('ibot/define') as typeof import('../../src/define/all')
const { openLoader } = load('./dist/loader/loader.js') as typeof import('../../src/loader/loader')
const { openPlan } = load('./dist/program/openPlan.js') as typeof import('../../src/program/openPlan')

const invert = (name: string, module?: string) =>
  define(augmentation)({
    name,
    doc: 'The same, defined by a program.',
    ...(module === undefined ? {} : { module }),
    fields: {},
    build: () => pointwise(() => ({ name, parameters: {}, apply: point(pointTable((x) => 255 - x)) })),
  })
const MODULE = join(__dirname, 'negative.cjs')
const { negative } = load(MODULE) as { readonly negative: ReturnType<typeof invert> }
type Augment = ReturnType<typeof ibot.randomResizedCrop>

const planWith = (augment: Augment, workers: number) =>
  ibot.pipe(
    ibot.pipeline('own'),
    ibot.dataset(ibot.shapes({ count: 12, size: 8 })),
    ibot.views({ global: [{ times: 2, augment: [ibot.randomResizedCrop({ size: 8 }), augment] }] }),
    ibot.vit({ patch: 4, width: 8, depth: 1, heads: 2 }),
    ibot.projectionHead({ output: ibot.shared(8), hidden: 8, bottleneck: 4 }),
    ibot.emaTeacher(0.99),
    ibot.clsDistillation(),
    ibot.adamw({ lr: 1e-3 }),
    ibot.train({ batch: 4, steps: 3, workers }),
  )

/** The first two batches, and what was said. */
const batches = async (augment: Augment, workers: number) => {
  const opened = await openPlan(planWith(augment, workers))()
  if (E.isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const notes: string[] = []
  const report = async () => E.right(undefined)
  const loader = await openLoader(opened.right, 0, { notify: (message) => notes.push(message), report })
  try {
    const hashes: string[] = []
    for (let step = 0; step < 2; step++) {
      const batch = await loader.share(step, 0)
      if (E.isLeft(batch)) throw new Error(JSON.stringify(batch.left))
      hashes.push(createHash('sha256').update(batch.right.global).digest('hex'))
    }
    return { hashes, notes }
  } finally {
    await loader.close()
  }
}

test('threads load an op from the module that its definition names, and make the same bytes', async () => {
  const alone = await batches(negative({ p: 0.5 }), 0)
  expect(await batches(negative({ p: 0.5 }), 2)).toEqual({ hashes: alone.hashes, notes: [] })
  expect(alone.hashes).not.toEqual((await batches(ibot.randomResizedCrop({ size: 8 }), 0)).hashes)
})

const REMEDY =
  'so that batches are made in the main thread; for threads, put it into a file that only exports ops, and name that in its definition: module: import.meta.url (in CommonJS, module: __filename)'

test.each([
  ['without a module', invert('negative'), 'has no module of its own'],
  ['in the program itself', invert('negative', process.argv[1]), 'has no module of its own'],
  [
    'in a module that is gone',
    invert('negative', '/nowhere.mjs'),
    "has a module that threads can't load (/nowhere.mjs: there is no such file)",
  ],
  ['that its module exports otherwise', invert('negative', MODULE), `isn't what ${pathHere(MODULE)} exports`],
])('with an op %s the main thread makes batches, of the same bytes, and says so', async (_, own, why) => {
  const { hashes } = await batches(negative(), 0)
  expect(await batches(own(), 2)).toEqual({ hashes, notes: [`an augmentation 'negative' ${why}, ${REMEDY}`] })
  expect(await batches(own(), 0)).toEqual({ hashes, notes: [] })
})
