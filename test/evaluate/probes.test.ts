/** Probes of a pipeline: what they ask for is checked, and what several ask for is read once. */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { expect, test } from 'vitest'
import { type FailureAt, missing } from '../../src/base/failure'
import { define } from '../../src/dsl/op'
import type { Plan } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { registryOf } from '../../src/dsl/registry'
import { integer, list, optional, text } from '../../src/dsl/type'
import { type Circumstances, measuring } from '../../src/evaluate/measure'
import { type OpenedProbe, openedProbes } from '../../src/evaluate/openProbes'
import { openSources } from '../../src/evaluate/openSources'
import { blank } from '../../src/image/picture'
import { dotProducts, selecting } from '../../src/metric/neighbours'
import type { Features, Numbers } from '../../src/ops/probe/kind'
import { registry } from '../../src/ops/registry'
import { source } from '../../src/ops/source/kind'
import { crossCheck } from '../../src/program/crossCheck'
import { designOf } from '../../src/program/design'

const right = <L, A>(result: E.Either<L, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

/** Which sources were opened, and which pictures of them were read. */
let opened: string[] = []
let reads: string[] = []

/** Pictures of 8 × 8, bright on the left or on the right; the one numbered `bad` is damaged, and each `wrong`th has another label. */
const counted = define(source)({
  name: 'counted',
  doc: 'Pictures for tests.',
  fields: {
    name: optional(text, 'train', 'what it is called'),
    count: optional(integer(1, 100), 24, 'how many'),
    classes: optional(list(text, { min: 0 }), ['left', 'right'], 'their classes'),
    channels: optional(integer(1, 3), 1, 'channels'),
    bad: optional(integer(-1, 100), -1, 'which is damaged'),
    wrong: optional(integer(2, 100), 100, 'how often a label is wrong'),
  },
  build:
    ({ name, count, classes, channels, bad, wrong }) =>
    () => {
      opened.push(name)
      const side = (i: number) => i % 2
      const label = (i: number) => (side(i) + (i % wrong === wrong - 1 ? 1 : 0)) % Math.max(1, classes.length)
      return TE.right({
        ...{ name, count, classes, label, channels: channels as 1 | 3, size: [8, 8] as const, fingerprint: name },
        read: async (i) => {
          reads.push(`${name} ${i}`)
          if (i === bad) return E.left(missing(`picture ${i} is cut off`, 'Mend it.'))
          const picture = blank(8, 8, channels as 1 | 3)
          picture.data.forEach((_, at) => {
            const isLeft = at % 8 < 4
            picture.data[at] = (isLeft === (classes[side(i)] === 'left') ? 150 : 60) + ((i * 31 + at * 17) % 50)
          })
          return E.right(picture)
        },
      })
    },
})
const ops = registryOf([...registry.ops, counted.spec])

const planOf = (probes: readonly string[], dataset = 'counted'): Plan => {
  const yaml = `name: probes
pipeline:
  - dataset: ${dataset}
  - views: { global: [{ times: 2, augment: { randomResizedCrop: { size: 8 } } }], normalize: { mean: [0.5], std: [0.25] } }
  - vit: { patch: 4, width: 8, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: 16 }, hidden: 16, bottleneck: 8 }
  - emaTeacher
  - clsDistillation
  - adamw: { lr: 1e-3 }
  - train: { batch: 8, steps: 4 }
${probes.map((probe) => `  - ${probe}`).join('\n')}
`
  return right(readPlan(ops, 'probes.yaml', yaml, [], crossCheck(ops))).plan
}

const openedOf = async (
  probes: readonly string[],
  dataset?: string,
): Promise<E.Either<readonly FailureAt[], readonly OpenedProbe[]>> => {
  const design = right(designOf(ops, planOf(probes, dataset)))
  opened = []
  reads = []
  const { source: data, probes: sourced, faults } = await openSources(design, () => undefined)()
  return faults.length > 0 ? E.left(faults) : E.right(openedProbes(design, { source: data!, probes: sourced }))
}

/**
 * A network whose parts are means of the pixels, times the image's area: for [CLS] of the left half and of the right one; for
 * the mean of the patches the same over all four quarters.
 */
const featuresOf: Circumstances['features']['of'] = async (choice, { values: images, shape }) => {
  const [count, height, width, channels] = shape as [number, number, number, number]
  const halves = new Float32Array(count * 2)
  for (let i = 0; i < count; i++)
    for (let at = 0; at < height * width; at++)
      halves[2 * i + (at % width < width / 2 ? 0 : 1)]! += images[(i * height * width + at) * channels]!
  const part = (factor: number) => ({ values: halves.map((value) => value * factor), shape: [count, 2] })
  return { ...(choice.cls > 0 ? { 'cls.1': part(1) } : {}), ...(choice.mean ? { mean: part(1 / 4) } : {}) }
}

const measured = async (probes: readonly OpenedProbe[]) => {
  const calls: number[] = []
  const damaged: number[] = []
  const measure = measuring(
    probes.map((probe) => ({ probe, baseline: true })),
    {
      chunk: 5,
      report: async (_, found) => {
        damaged.push(...found.map(({ image }) => image))
        return E.right(undefined)
      },
      seed: 0,
      features: {
        of: (choice, images) => {
          calls.push(images.shape[0]!)
          return featuresOf(choice, images)
        },
      },
      computer: {
        prepare: () => expect.unreachable('k-NN computes no functions of its own'),
        neighbours: (width) => ({ nearest: selecting(width, dotProducts(width)), dispose: () => undefined }),
      },
    },
  )
  const results: Record<string, Numbers> = {}
  for (const probe of probes) {
    const { numbers, baseline } = right(await measure({ probe, baseline: true })())
    results[probe.name] = { ...numbers, ...baseline }
  }
  return { results, encoded: calls.reduce((sum, count) => sum + count, 0), damaged }
}

const NOISY = '{ counted: { wrong: 3 } }'
const TEST = '{ counted: { name: test, count: 12 } }'
const one = (more = '') => `knn: { test: ${TEST}, k: 3${more} }`

test('two probes of the same pictures are numbered, and what they take is read once for both: features, and pixels', async () => {
  const probes = right(await openedOf([one(), one(', k: 1').replace('k: 3, ', '')]))
  expect(probes.map(({ name }) => name)).toEqual(['knn', 'knn.2'])
  expect(opened).toEqual(['train', 'test'])
  const { encoded, results } = await measured(probes)
  expect(encoded).toBe(24 + 12)
  // Once for the network, once for the baseline.
  expect(reads.filter((read) => read.startsWith('test'))).toHaveLength(2 * 12)
  expect(reads.filter((read) => read.startsWith('train'))).toHaveLength(2 * 24)
  for (const numbers of Object.values(results)) expect(numbers).toEqual({ accuracy: 1, pixels: 1 })
})

test.each([
  ['other features', [one(), one(', feature: mean'), one(', feature: both')], 24 + 12],
  ['some of the pictures', [one(', bank: 5'), one(', bank: 24'), one(', bank: 9')], 24 + 12],
  ['the data set itself as the test', [one(), `knn: { test: ${NOISY}, k: 3 }`], 24 + 12],
  ['another preparation', [one(), one(', prepare: [{ resize: 16 }, { centerCrop: 8 }]')], 2 * (24 + 12)],
  ['the same preparation', [one(', prepare: { centerCrop: 4 }'), one(', prepare: { centerCrop: 4 }')], 24 + 12],
  ['another source', [one(), 'knn: { test: { counted: { name: other, count: 6 } }, k: 3 }'], 24 + 12 + 6],
] as const)('with %s a probe measures the same beside others as alone', async (_, probes, pictures) => {
  const together = await measured(right(await openedOf(probes, NOISY)))
  expect(together.encoded).toBe(pictures)
  const alone: Numbers[] = []
  for (const probe of probes) alone.push(Object.values((await measured(right(await openedOf([probe], NOISY)))).results)[0]!)
  expect(Object.values(together.results)).toEqual(alone)
  expect(alone.some(({ accuracy }) => accuracy! < 1)).toBe(true)
})

test('a picture that cannot be read is reported and left out, with its label', async () => {
  const { results, damaged, encoded } = await measured(
    right(await openedOf(['knn: { test: { counted: { name: test, count: 12, bad: 3 } }, k: 3 }'])),
  )
  expect(results).toEqual({ knn: { accuracy: 1, pixels: 1 } })
  // By the network's pass, and by that of the pixels.
  expect(damaged).toEqual([3, 3])
  expect(encoded).toBe(24 + 11)
})

test('classes go by their names, whatever their numbers', async () => {
  const swapped = 'knn: { test: { counted: { name: test, count: 12, classes: [right, left] } }, k: 3 }'
  expect((await measured(right(await openedOf([swapped])))).results).toEqual({ knn: { accuracy: 1, pixels: 1 } })
})

test.each([
  ['{ counted: { name: bare, classes: [] } }', "'knn' needs labels, and bare has none"],
  ['{ counted: { name: grey, channels: 3 } }', 'grey has 3 channels, but train 1'],
  ['{ counted: { name: more, classes: [left, up] } }', "more has the class 'up', which train doesn't have"],
])('a test of %s is refused with the place of the probe', async (written, message) => {
  expect(await openedOf([one(), `knn: { test: ${written} }`])).toMatchObject({
    left: [{ failure: { _tag: 'Missing', message: message.replace("'knn'", "'knn.2'") }, path: ['pipeline', 9, 'knn'] }],
  })
})

test('a source that cannot be opened is told with the place of its field', async () => {
  expect(await openedOf(["knn: { test: { imageFolder: '/nowhere' } }"])).toMatchObject({
    left: [{ failure: { _tag: 'Missing' }, path: ['pipeline', 8, 'knn', 'test'] }],
  })
})

test('numbers that a probe did not declare, or forgot, are refused', async () => {
  const [probe] = right(await openedOf([one()]))
  const broken = { ...probe!, meaning: { ...probe!.meaning, measure: async () => ({ score: 1 }), baseline: undefined } } as never
  const circumstances = {
    chunk: 5,
    report: async () => E.right(undefined),
    seed: 0,
    features: { of: featuresOf },
    computer: undefined as never,
  }
  const due = { probe: broken, baseline: false }
  expect(await measuring([due], circumstances)(due)()).toMatchObject({
    left: { _tag: 'Rejected', problems: [{ code: 'user-ops', message: "'knn' measured score, and its metrics are accuracy" }] },
  })
})

/** What a probe of augmented pictures is told of its training pictures, an epoch after the other, and what a signal does in between. */
const epochsOf = async (
  dataset: string,
  seed: number,
  epochs: readonly number[],
  signal?: AbortSignal,
  told: (epoch: number) => void = () => undefined,
) => {
  const [opened] = right(
    await openedOf([`linearProbe: { test: ${TEST}, augment: { randomResizedCrop: { size: 8, scale: [0.3, 1] } } }`], dataset),
  )
  const seen: Features[] = []
  const measure: OpenedProbe['meaning']['measure'] = async (sets, { augmented }) => {
    expect(Object.keys(sets)).toEqual(['test'])
    for (const epoch of epochs) {
      seen.push(await augmented('train', epoch))
      told(epoch)
    }
    return { accuracy: 1, top5: Number.NaN, lr: 1 }
  }
  const due = { probe: { ...opened!, meaning: { ...opened!.meaning, measure } }, baseline: false }
  const damaged: number[] = []
  const circumstances: Circumstances = {
    chunk: 5,
    report: async (_, found) => {
      damaged.push(...found.map(({ image }) => image))
      return E.right(undefined)
    },
    seed,
    features: { of: featuresOf },
    computer: undefined as never,
    signal,
  }
  return { result: await measuring([due], circumstances)(due)(), seen, damaged }
}

test('augmented pictures are drawn by the seed, the epoch and the picture, and are read in no other pass', async () => {
  const { result, seen } = await epochsOf('counted', 0, [0, 1, 0])
  expect(result).toMatchObject({ right: { numbers: { accuracy: 1, lr: 1 } } })
  expect(reads.filter((read) => read.startsWith('train'))).toHaveLength(3 * 24)
  expect(seen[0]).toEqual(seen[2])
  expect(seen[1]!.values).not.toEqual(seen[0]!.values)
  expect(seen[1]!.labels).toEqual(seen[0]!.labels)
  expect((await epochsOf('counted', 1, [0])).seen[0]!.values).not.toEqual(seen[0]!.values)
  // Whatever is damaged besides.
  const without = await epochsOf('{ counted: { bad: 3 } }', 0, [0])
  expect(without.damaged).toEqual([3])
  expect([...without.seen[0]!.labels]).toEqual([...seen[0]!.labels].filter((_, row) => row !== 3))
  expect([...without.seen[0]!.values]).toEqual([...seen[0]!.values].filter((_, at) => Math.floor(at / 2) !== 3))
})

test('a signal ends a measurement between two pieces of its work', async () => {
  const controller = new AbortController()
  const { result, seen } = await epochsOf('counted', 0, [0, 1, 2], controller.signal, (epoch) => {
    if (epoch === 1) controller.abort('SIGTERM')
  })
  expect(result).toMatchObject({ left: { _tag: 'Stopped', signal: 'SIGTERM' } })
  expect(seen).toHaveLength(2)
})

test.each(['linearProbe', 'logisticRegression'])('%s has nothing to tell apart where there is one class', async (name) => {
  const probes = [`${name}: { test: { counted: { name: test, classes: [left] } } }`]
  expect(await openedOf(probes, '{ counted: { classes: [left] } }')).toMatchObject({
    left: [
      {
        failure: { _tag: 'Missing', message: `'${name}' tells classes apart, and there is only 'left'` },
        path: ['pipeline', 8, name],
      },
    ],
  })
})
