/** Rows of features: what is taken out of a pass that read more. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encoded, partOf, rowsOf, widest } from '../../src/evaluate/features'
import { blank } from '../../src/image/picture'
import type { FeatureKind } from '../../src/ops/probe/kind'

const input = { size: [2, 3] as const, channels: 1 as const, mean: [0.5], std: [0.5] }
/** Tokens that are drawn from the pictures themselves: every number of a token is another one. */
const interpreter = {
  encode: async (images: Float32Array, [count]: readonly [number, number, number, number]) => {
    const shape = [count, 4, 2] as const
    return { values: Float32Array.from({ length: count * 8 }, (_, i) => i + images[0]!), shape }
  },
}
const pictures = [0, 1].map((i) => {
  const picture = blank(3, 2, 1)
  picture.data.fill(255 * i)
  return picture
})

test('a picture has its own token, the mean of its patches, or one after the other', async () => {
  const of = (kind: FeatureKind) => encoded(interpreter, input, kind)(pictures)
  // The first pixel is black: -1 after normalisation.
  expect(await of('cls')).toEqual({ values: Float32Array.of(-1, 0, 7, 8), width: 2 })
  expect(await of('mean')).toEqual({ values: Float32Array.of(3, 4, 11, 12), width: 2 })
  expect(await of('both')).toEqual({ values: Float32Array.of(-1, 0, 3, 4, 7, 8, 11, 12), width: 4 })
  for (const kind of ['cls', 'mean', 'both'] as const) expect(partOf(await of('both'), 'both', kind)).toEqual(await of(kind))
  expect(widest(['cls', 'cls'])).toBe('cls')
  expect(widest(['mean'])).toBe('mean')
  expect(widest(['cls', 'mean'])).toBe('both')
})

test('the rows of any of the pictures are theirs, in the order asked for, without those that could not be read', () => {
  const count = 12
  const some = fc.shuffledSubarray(Array.from({ length: count }, (_, i) => i))
  fc.assert(
    fc.property(some, some, some, (read, damaged, wanted) => {
      const kept = read.filter((index) => !damaged.includes(index))
      const rows = {
        values: Float32Array.from(kept.flatMap((index) => [index, 10 * index])),
        width: 2,
        indices: Uint32Array.from(kept),
      }
      const asked = wanted.filter((index) => read.includes(index))
      const found = rowsOf(rows, Uint32Array.from(read), Uint32Array.from(asked))
      const expected = asked.filter((index) => kept.includes(index))
      expect(Array.from(found.indices)).toEqual(expected)
      expect(Array.from(found.values)).toEqual(expected.flatMap((index) => [index, 10 * index]))
      const first = read.slice(0, asked.length)
      expect(rowsOf(rows, Uint32Array.from(read), Uint32Array.from(first)).values.buffer).toBe(rows.values.buffer)
    }),
  )
})
