/** Rows of features on the disk: work that is cut off at any byte goes on, and comes to the same. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import type { Labelled, Rows } from '../../src/features/format'
import { openUnfinished, type Unfinished } from '../../src/features/unfinished'

const SHAPE = [2, 3]
const ROW = 6
const PICTURES = 11
const DAMAGED = [2, 7, 8]

const open = async (folder: string, request: object = { of: 'this' }): Promise<E.Either<unknown, Unfinished>> =>
  openUnfinished(folder, request, SHAPE)()

const opened = async (folder: string): Promise<Unfinished> => {
  const result = await open(folder)
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const lineOf = (image: number) =>
  DAMAGED.includes(image) ? { image, damaged: 'why' } : { image, name: `näme ${image}`, label: image % 2 === 0 ? 'even' : null }

/** Computes pictures from the next one on, so many at a time, up to a number of them. */
const work = async (unfinished: Unfinished, end: number, step = 2): Promise<void> => {
  for (let from = unfinished.next; from < end; from += step) {
    const images = Array.from({ length: Math.min(step, end - from) }, (_, i) => from + i)
    const rows = images.filter((image) => !DAMAGED.includes(image))
    await unfinished.add(
      images.map(lineOf),
      Float32Array.from(rows.flatMap((image) => Array.from({ length: ROW }, (_, i) => 100 * image + i))),
    )
  }
}

const all = async (rows: Rows) => {
  const pictures: Labelled[] = []
  const values: number[] = []
  for await (const chunk of rows.chunks()) {
    expect(chunk.values).toHaveLength(ROW * chunk.pictures.length)
    pictures.push(...chunk.pictures)
    values.push(...chunk.values)
  }
  return { pictures, values }
}

const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-features-'))
  try {
    return await use(join(folder, 'work'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const EXPECTED = {
  pictures: Array.from({ length: PICTURES }, (_, image) => lineOf(image)).filter((line) => !('damaged' in line)),
  values: Array.from({ length: PICTURES }, (_, image) => image)
    .filter((image) => !DAMAGED.includes(image))
    .flatMap((image) => Array.from({ length: ROW }, (_, i) => 100 * image + i)),
}

test('work that was cut off at any byte of its files goes on, and comes to the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: PICTURES }),
      fc.nat(300),
      fc.nat(300),
      fc.boolean(),
      async (done, rows, lines, garbled) => {
        await inFolder(async (folder) => {
          const first = await opened(folder)
          await work(first, done)
          await first.close()
          const cut = (name: string, bytes: number) => {
            const path = join(folder, name)
            truncateSync(path, Math.max(0, readFileSync(path).length - bytes))
          }
          cut('rows.f32', rows)
          cut('pictures.jsonl', lines)
          if (garbled) appendFileSync(join(folder, 'pictures.jsonl'), '{"image":3,"na')
          const second = await opened(folder)
          expect(second.next).toBeLessThanOrEqual(done)
          await work(second, PICTURES, 3)
          const found = await second.rows({})
          expect(found).toMatchObject({ count: PICTURES - DAMAGED.length, damaged: DAMAGED.length, shape: SHAPE })
          expect(await all(found)).toEqual(EXPECTED)
        })
      },
    ),
    { numRuns: 40 },
  )
})

test('work that was begun of something else is refused, and stays', async () => {
  await inFolder(async (folder) => {
    const begun = await opened(folder)
    await work(begun, 5)
    await begun.close()
    expect(await open(folder, { of: 'that' })).toMatchObject({ left: { _tag: 'Missing' } })
    const again = await opened(folder)
    expect(again.next).toBe(5)
    await again.close()
  })
})
