/** Some of the pictures of a source: a share of each class, or those that a list names. */
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { Source } from '../../src/io/source'
import { listedOf, shareOf } from '../../src/io/subset'

/** Pictures of one pixel, whose value is their number. */
const sourceOf = (labels: readonly (string | undefined)[], path?: (i: number) => string): Source => {
  const classes = [...new Set(labels.filter((label) => label !== undefined))].sort()
  return {
    name: 'data/train',
    count: labels.length,
    channels: 1,
    size: [1, 1],
    classes,
    label: (i) => (labels[i] === undefined ? undefined : classes.indexOf(labels[i])),
    read: async (i) => E.right({ width: 1, height: 1, channels: 1, data: Uint8Array.of(i) }),
    path,
    fingerprint: `f${labels.join()}`,
  }
}
const indices = (source: Source): readonly number[] => Array.from({ length: source.count }, (_, i) => i)
/** The numbers that the pictures have in the whole. */
const numbers = async (source: Source): Promise<readonly number[]> =>
  Promise.all(
    indices(source).map(async (i) => {
      const picture = await source.read(i)
      return E.isRight(picture) ? picture.right.data[0]! : -1
    }),
  )
const label = fc.constantFrom('a', 'b', 'c', 'd')
const labelled = fc.array(label, { minLength: 1, maxLength: 200 })
const share = fc.double({ min: 0.001, max: 1, noNaN: true })
const seed = fc.nat()

describe('a share', () => {
  test('takes of each class so many, rounded, at least one, in the order of the source and with the same labels', async () => {
    await fc.assert(
      fc.asyncProperty(labelled, share, seed, async (labels, part, key) => {
        const whole = sourceOf(labels)
        const some = shareOf(whole, part, key)
        for (const name of whole.classes) {
          const members = labels.filter((one) => one === name).length
          const taken = indices(some).filter((i) => some.classes[some.label(i)!] === name).length
          expect(taken).toBe(Math.max(1, Math.round(part * members)))
        }
        expect(some.classes).toEqual(whole.classes)
        const taken = await numbers(some)
        expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b))
        expect(indices(some).map((i) => some.label(i))).toEqual(taken.map((i) => whole.label(i)))
      }),
    )
  })

  test('is part of every larger one of the same seed, and 100% is all', async () => {
    await fc.assert(
      fc.asyncProperty(labelled, share, share, seed, async (labels, one, other, key) => {
        const whole = sourceOf(labels)
        const [small, large] = await Promise.all(
          [Math.min(one, other), Math.max(one, other)].map((p) => numbers(shareOf(whole, p, key))),
        )
        expect(large).toEqual(expect.arrayContaining(small as number[]))
        expect(await numbers(shareOf(whole, 1, key))).toEqual(indices(whole))
      }),
    )
  })

  test('of a class is the same whatever the other classes are', async () => {
    const some = sourceOf(Array.from({ length: 100 }, () => 'cat'))
    const more = sourceOf(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'cat' : 'ape')))
    const cats = (await numbers(shareOf(more, 0.1, 7))).filter((i) => i % 2 === 0).map((i) => i / 2)
    expect(cats).toEqual(await numbers(shareOf(some, 0.1, 7)))
  })

  test('of pictures without labels is simply drawn', async () => {
    const whole = sourceOf(Array.from({ length: 200 }, () => undefined))
    const some = shareOf(whole, 0.1, 0)
    expect([some.count, some.classes, some.label(3)]).toEqual([20, [], undefined])
    expect(await numbers(some)).not.toEqual(await numbers(shareOf(whole, 0.1, 1)))
  })

  test('is told by its name and by its fingerprint', () => {
    const whole = sourceOf(Array.from({ length: 50 }, (_, i) => (i < 20 ? 'a' : 'b')))
    const [some, same, other] = [shareOf(whole, 0.1, 0), shareOf(whole, 0.1, 0), shareOf(whole, 0.1, 1)]
    expect(some.name).toBe('10% of data/train')
    expect(shareOf(whole, 0.007, 0).name).toBe('0.7% of data/train')
    expect(some.fingerprint).toBe(same.fingerprint)
    expect(new Set([whole.fingerprint, some.fingerprint, other.fingerprint]).size).toBe(3)
  })
})

const files = [
  'data/train/ape/1.png',
  'data/train/ape/2.png',
  'data/train/cat/1.png',
  'data/train/cat/old/3.png',
  'data/train/dog/x_9.JPEG',
]
const folder = sourceOf(['ape', 'ape', 'cat', 'cat', 'dog'], (i) => files[i]!)
const listed = (text: string, source = folder) => {
  const told: string[] = []
  return { result: listedOf(source, 'list.txt', text, (message) => told.push(message)), told }
}
const chosen = async (text: string, source = folder) => {
  const { result, told } = listed(text, source)
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return { source: result.right, told, numbers: await numbers(result.right) }
}
const failureOf = (text: string, source = folder): Failure => {
  const { result } = listed(text, source)
  if (E.isRight(result)) throw new Error('it is a subset')
  return result.left
}

describe('a list', () => {
  test('names files, or paths from some folder on; order, blanks and ends of lines make no difference', async () => {
    const { source, told, numbers } = await chosen('x_9.JPEG\r\n  ./cat/1.png \n\n3.png\ndata/train/ape/2.png')
    expect([source.name, numbers, told]).toEqual(['list.txt of data/train', [1, 2, 3, 4], []])
    expect(indices(source).map((i) => source.path!(i))).toEqual(files.slice(1))
    expect(source.classes).toEqual(['ape', 'cat', 'dog'])
    expect(indices(source).map((i) => source.label(i))).toEqual([0, 1, 1, 2])
  })

  test('names members of archives', async () => {
    const archive = sourceOf(['a', 'b'], (i) => `data/train-${i}.tar: n0${i}/000.jpg`)
    expect((await chosen('n01/000.jpg', archive)).numbers).toEqual([1])
    expect((await chosen('n00/000.jpg\ndata/train-1.tar: n01/000.jpg', archive)).numbers).toEqual([0, 1])
  })

  test('tells of names that stand twice and of classes that are left empty', async () => {
    const { numbers, told } = await chosen('x_9.JPEG\ndog/x_9.JPEG\nape/1.png\nape/1.png')
    expect(numbers).toEqual([0, 4])
    expect(told).toEqual([
      'list.txt names some pictures more than once: 4 names of 2 pictures',
      'list.txt names no picture of 1 of the 3 classes: cat',
    ])
  })

  test('must name pictures that there are', () => {
    expect(failureOf('x_9.JPEG\n9.JPEG\nat/1.png\nrain/ape/1.png')).toMatchObject({
      _tag: 'Missing',
      message: '3 of the 4 names in list.txt are of no picture in data/train: 9.JPEG, at/1.png, rain/ape/1.png',
    })
    const many = Array.from({ length: 20 }, (_, i) => `no${i}.png`).join('\n')
    expect(failureOf(many)).toMatchObject({
      message:
        '20 of the 20 names in list.txt are of no picture in data/train: no0.png, no1.png, no2.png, no3.png, no4.png and 15 more',
    })
  })

  test('must say which picture is meant', () => {
    expect(failureOf('3.png\n1.png')).toMatchObject({
      message: "'1.png' in list.txt stands for several pictures: data/train/ape/1.png and data/train/cat/1.png",
      remedy: 'Write the folder in front of the name, too.',
    })
  })

  test('must name something, and pictures must have names', () => {
    expect(failureOf(' \n\n')).toMatchObject({ message: 'list.txt names no picture' })
    expect(failureOf('1.png', sourceOf(['a']))).toMatchObject({
      message: "list.txt can't choose among the pictures of data/train, which have no names",
    })
  })

  test('gives the same as another list of the same pictures', async () => {
    const [one, other] = [await chosen('x_9.JPEG\nape/1.png'), await chosen('ape/1.png\ntrain/dog/x_9.JPEG')]
    expect(one.source.fingerprint).toBe(other.source.fingerprint)
    expect(one.source.fingerprint).not.toBe(folder.fingerprint)
  })
})
