/** The op that CONTRIBUTING.md adds from start to finish is an op. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { decoder } from '../../src/dsl/decode'
import { explain } from '../../src/dsl/explain'
import { meaningOf } from '../../src/dsl/meaning'
import { registryOf } from '../../src/dsl/registry'
import { op } from '../../src/dsl/type'
import { type Augmentation, applyAll, augmentation } from '../../src/ops/augmentation/kind'
import { registry } from '../../src/ops/registry'
import { invert } from './invert'

const guide = readFileSync(join(__dirname, '..', '..', 'CONTRIBUTING.md'), 'utf8')
const withInvert = registryOf([...registry.ops, invert.spec])
const picture = { width: 2, height: 1, channels: 1 as const, data: Uint8Array.of(0, 200) }

test('the file in the guide is the one that is tested here', () => {
  const shown = /```ts\n([\s\S]*?)```/.exec(guide)![1]!.replace(/^ {3}/gm, '')
  const tested = readFileSync(join(__dirname, 'invert.ts'), 'utf8')
    .replace("'../../src/ops/augmentation/kind'", "'./kind'")
    .replaceAll("'../../src/", "'../../")
  expect(shown).toBe(tested)
})

test('one line in the list makes it known: it decodes, composes, explains itself and does what it says', () => {
  const decoded = decoder(withInvert, op(augmentation)).decode({ invert: { p: 1 } })
  if (E.isLeft(decoded)) throw new Error(JSON.stringify(decoded.left))
  expect(decoded.right).toEqual({ sometimes: { p: 1, augmentations: [{ invert: {} }] } })
  expect(E.isRight(explain(withInvert, 'invert'))).toBe(true)
  const meaning = meaningOf(withInvert, augmentation, decoded.right as ReturnType<typeof invert>) as Augmentation
  const inverted = applyAll(meaning.draw(random(0), picture).steps, picture)
  expect(Array.from(inverted.data)).toEqual([255, 55])
})

test('the folders that the guide names exist', () => {
  const named = [...guide.matchAll(/^\| `(src\/\w+)`/gm)].map(([, folder]) => folder!)
  expect(named.length).toBeGreaterThan(8)
  for (const folder of named) expect(() => readFileSync(join(__dirname, '..', '..', folder))).toThrow(/EISDIR/)
})
