/** `subset`: how it is written, and what is opened then. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import { decoder, problemsOf } from '../../src/dsl/decode'
import { type Op, op } from '../../src/dsl/type'
import type { Source } from '../../src/io/source'
import { imageFolder, npy, shapes, subset } from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { type OpenSource, source } from '../../src/ops/source/kind'
import { essence } from '../../src/store/changes'
import { meaning } from '../parity/ops'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-subset-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const decoded = (written: unknown) => {
  const result = decoder(registry, op(source)).decode(written)
  return E.isRight(result) ? result.right : problemsOf(result.left).map(({ message }) => message)
}
const open = (written: Op): Promise<E.Either<Failure, Source>> => meaning<OpenSource>(source, written)(() => undefined)()

test('on any source it is short for the op, in YAML and in TypeScript', () => {
  const inner = { imageFolder: { path: 'data', channels: 3, exif: 'ignore' } }
  const one = { subset: { source: inner, share: '1%', seed: 0 } }
  for (const written of [
    { imageFolder: { path: 'data', subset: '1%' } },
    { imageFolder: { path: 'data', subset: '1 %' } },
    { imageFolder: { path: 'data', subset: { share: '1.0%' } } },
    { subset: { source: { imageFolder: 'data' }, share: '1%' } },
    imageFolder({ path: 'data', subset: '1%' }),
    subset({ source: imageFolder('data'), share: '1%' }),
  ])
    expect(decoded(written)).toEqual(one)
  expect(decoded(imageFolder({ path: 'data', subset: { share: '2.5%', seed: 7 } }))).toEqual({
    subset: { source: inner, share: '2.5%', seed: 7 },
  })
  const listed = { subset: { source: inner, list: 'some.txt', seed: 0 } }
  for (const written of [
    { imageFolder: { path: 'data', subset: 'some.txt' } },
    imageFolder({ path: 'data', subset: { list: 'some.txt' } }),
    subset({ source: imageFolder('data'), list: 'some.txt' }),
  ])
    expect(decoded(written)).toEqual(listed)
  expect(decoded(npy({ images: 'a.npy', subset: '10%' }))).toMatchObject({ subset: { source: { npy: { images: 'a.npy' } } } })
})

test.each([
  '0%',
  '0.0%',
  '150%',
  '-1%',
  '',
  0.5,
  { share: 0.5 },
  { share: '1%', list: 'a.txt' },
  { list: 'a.txt', seed: 1 },
  { shar: '1%' },
])('%j is none', (written) => {
  expect(decoded({ shapes: { subset: written } })).toEqual([
    expect.stringMatching(/^expected a share \('1%'\), the path of a list/),
  ])
})

test('the op takes a share or a list', () => {
  expect(decoded({ subset: { source: 'shapes' } })).toEqual(["expected 'share' or 'list'"])
  expect(decoded({ subset: { source: 'shapes', share: '1%', list: 'a.txt' } })).toEqual(["'share' and 'list' don't go together"])
})

test('some of each class of any source, the same whenever it is opened', async () => {
  const opened = async (key: number) => {
    const result = await open(shapes({ count: 60, size: 8, subset: { share: '20%', seed: key } }))
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
    return result.right
  }
  const [one, again, other] = [await opened(0), await opened(0), await opened(1)]
  expect(one).toMatchObject({ count: 12, name: '20% of 60 shapes of 8×8 (seed 0)', size: [8, 8] })
  expect(one.fingerprint).toBe(again.fingerprint)
  expect(one.fingerprint).not.toBe(other.fingerprint)
})

test('a list that is not there, or that names what is not there, is a failure', async () => {
  const list = join(root, 'list.txt')
  expect(await open(shapes({ subset: list }))).toMatchObject(
    E.left({ _tag: 'Missing', message: expect.stringContaining('no such file') }),
  )
  writeFileSync(list, '0.png\n')
  expect(await open(shapes({ subset: list }))).toMatchObject(E.left({ message: expect.stringContaining('which have no names') }))
})

test('a run may go on with the same list elsewhere, and with no other share', () => {
  const planOf = (written: Op<'source'>) => essence(registry, { name: 'a', pipeline: [{ dataset: { source: written } }] })
  expect(planOf(imageFolder({ path: 'data', subset: 'a.txt' }))).toEqual(planOf(imageFolder({ path: 'moved', subset: 'b.txt' })))
  expect(planOf(imageFolder({ path: 'data', subset: '1%' }))).toEqual(planOf(imageFolder({ path: 'moved', subset: '1%' })))
  expect(planOf(imageFolder({ path: 'data', subset: '1%' }))).not.toEqual(planOf(imageFolder({ path: 'data', subset: '2%' })))
  expect(planOf(imageFolder({ path: 'data', subset: '1%' }))).not.toEqual(planOf(imageFolder({ path: 'data' })))
})
