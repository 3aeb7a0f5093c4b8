/** Rows of features: what is taken out of a pass that read more. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chosenOf, encoded, rowsOf } from '../../src/evaluate/features'
import { partsOf, widest } from '../../src/evaluate/networkFeatures'
import { blank } from '../../src/image/picture'
import type { HostTensor } from '../../src/nn/tensorFunction'
import { FEATURES, type FeatureChoice } from '../../src/ops/probe/kind'

const input = { size: [2, 3] as const, channels: 1 as const, mean: [0.5], std: [0.5] }
/** Parts that are drawn from the pictures themselves, of other widths each: every number of a part is another one. */
const features = {
  of: async (choice: FeatureChoice, { values, shape: [count] }: HostTensor) =>
    Object.fromEntries(
      partsOf(choice).map((part, at) => {
        const width = part === 'mean' ? 3 : 2
        return [
          part,
          { values: Float32Array.from({ length: count! * width }, (_, i) => 100 * at + i + values[0]!), shape: [count!, width] },
        ]
      }),
    ),
}
const pictures = [0, 1].map((i) => {
  const picture = blank(3, 2, 1)
  picture.data.fill(255 * i)
  return picture
})

test("a picture's row is the parts that were chosen, one after the other", async () => {
  const of = (choice: FeatureChoice) => encoded(features, input, choice)(pictures)
  // The first pixel is black: -1 after normalisation.
  expect(await of(FEATURES.cls)).toEqual({
    values: Float32Array.of(-1, 0, 1, 2),
    width: 2,
    columns: [{ part: 'cls.1', width: 2 }],
  })
  const both = await of(FEATURES.both)
  expect(both.width).toBe(5)
  expect(Array.from(both.values)).toEqual([-1, 0, 99, 100, 101, 1, 2, 102, 103, 104])
})

test('what holds more parts gives those that are chosen; nothing is copied where it holds no others', async () => {
  const all = await encoded(features, input, { cls: 3, mean: true })(pictures)
  expect(all.columns.map(({ part }) => part)).toEqual(['cls.3', 'cls.2', 'cls.1', 'mean'])
  const row = (of: { readonly values: Float32Array; readonly width: number }, i: number) =>
    Array.from(of.values.subarray(i * of.width, (i + 1) * of.width))
  for (const [choice, columns] of [
    [FEATURES.cls, [4, 5]],
    [FEATURES.mean, [6, 7, 8]],
    [{ cls: 2, mean: true }, [2, 3, 4, 5, 6, 7, 8]],
  ] as const) {
    const chosen = chosenOf(all, choice)
    for (const i of [0, 1]) expect(row(chosen, i)).toEqual(columns.map((column) => all.values[i * all.width + column]))
  }
  expect(chosenOf(all, { cls: 3, mean: true }).values).toBe(all.values)
  expect(widest([FEATURES.cls, FEATURES.cls])).toEqual(FEATURES.cls)
  expect(widest([FEATURES.cls, { cls: 4, mean: false }, FEATURES.mean])).toEqual({ cls: 4, mean: true })
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
        columns: [{ part: 'cls.1', width: 2 }],
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
