/** Pipelines that were damaged by chance or by malice, and what must not become of reading one. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { toYaml } from '../../src/dsl/print'
import { readPlan } from '../../src/dsl/read'
import { isLocated } from '../../src/dsl/render'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { designOf } from '../../src/program/design'

const PIPELINES = join(__dirname, '..', '..', 'pipelines')
const shipped: readonly string[] = readdirSync(PIPELINES)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => readFileSync(join(PIPELINES, name), 'utf8'))

/** What YAML, JavaScript and careless programs stumble over. */
const NASTY: readonly string[] = [
  '!!js/function "function () { return 1 }"',
  '!!python/object/apply:os.system ["ls"]',
  '!<tag:yaml.org,2002:str> ',
  '!x ',
  '!!binary AAAA',
  '!!set {a}',
  '&a ',
  '*a',
  '*b',
  '&a [*a]',
  '<<: *a',
  '<<: {a: 1}',
  '&a &b ',
  '__proto__: {polluted: 1}',
  'constructor: {prototype: {polluted: 1}}',
  'toString',
  '__proto__',
  'hasOwnProperty',
  'prototype',
  '1e999',
  '-1e999',
  '.inf',
  '.nan',
  '-0',
  '1e308',
  '99999999999999999999999999',
  '0x7fffffffffffffffffff',
  '1e-400',
  '0o9',
  '1_000',
  '9007199254740993',
  '-1',
  '0',
  '{',
  '}',
  '[',
  ']',
  ',',
  ': ',
  ':',
  '- ',
  '? ',
  '|',
  '>',
  '|9\n',
  '"',
  "'",
  '`',
  '@',
  '%',
  '#',
  '%YAML 1.1\n',
  '%TAG ! x:\n',
  '---\n',
  '...\n',
  '\t',
  '\r',
  '\r\n',
  '\n',
  '\n\n',
  ' ',
  '  ',
  '\0',
  '\x01',
  '\x7f',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ud800',
  '😀',
  'ä',
  '\u202e',
  '\\',
  '\\x',
  '"\\u',
  '"\\x41"',
  '[[[[[[[[[[[[',
  '{a: {a: {a: {a: ',
  '- - - - - - ',
  '../../../../etc/passwd',
  '/dev/zero',
  'CON',
  '~',
  'null',
  'true',
  'yes',
  '2001-01-01',
  '=',
  'y'.repeat(2000),
  '9'.repeat(400),
]

/** One change of a text; places are shares of its length. */
const change: fc.Arbitrary<(text: string) => string> = fc
  .tuple(
    fc.constantFrom('insert', 'delete', 'copy', 'swap', 'line', 'indent', 'key', 'byte', 'cut'),
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
    ),
  )
  .map(([what, from, to, some]) => (text) => {
    const at = Math.floor(from * (text.length + 1))
    const other = Math.floor(to * (text.length + 1))
    const [a, b] = [Math.min(at, other), Math.max(at, other)]
    const lines = text.split('\n')
    const [i, j] = [Math.floor(from * lines.length), Math.floor(to * lines.length)]
    const words = [...text.matchAll(/[\w.]+/g)]
    const word = words[Math.floor(from * words.length)]
    switch (what) {
      case 'insert':
        return text.slice(0, at) + some + text.slice(at)
      case 'delete':
        return text.slice(0, a) + text.slice(Math.min(b, a + 40))
      case 'copy':
        return text.slice(0, b) + text.slice(a, b) + text.slice(b)
      case 'swap':
        return lines.with(i, lines[j]!).with(j, lines[i]!).join('\n')
      case 'line':
        return lines.toSpliced(i, 1).join('\n')
      case 'indent':
        return lines.with(i, ' '.repeat(Math.floor(to * 9)) + lines[i]!.trimStart()).join('\n')
      case 'key':
        return word === undefined ? some : text.slice(0, word.index) + some + text.slice(word.index + word[0].length)
      case 'byte':
        return text.slice(0, at) + String.fromCharCode(Math.floor(to * 0x250)) + text.slice(at + 1)
      default:
        return text.slice(0, at)
    }
  })

/** Shipped pipelines with one to four changes, and now and then mere noise. */
export const damaged: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 15,
    arbitrary: fc
      .tuple(fc.constantFrom(...shipped), fc.array(change, { minLength: 1, maxLength: 4 }))
      .map(([text, changes]) => changes.reduce((changed, one) => one(changed), text)),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary' })), { maxLength: 30 })
      .map((some) => some.join('')),
  },
)

/** In milliseconds of the processor: what else the machine does doesn't count. */
const LONGEST = 1000

/** What is wrong with how a document was read; undefined if nothing is. */
export const faultOf = (text: string): string | undefined => {
  const began = process.cpuUsage()
  const before = Object.getOwnPropertyNames(Object.prototype).length
  let fault: string | undefined
  try {
    const read = readPlan(registry, 'damaged.yaml', text, [], crossCheck(registry))
    if (E.isLeft(read)) {
      const lines = text.split(/\r?\n/).length
      const placed = read.left.every(
        (one) => isLocated(one) && one.line >= 1 && one.line <= lines && one.col >= 1 && one.message !== '',
      )
      if (read.left.length === 0 || !placed) fault = `a problem without a place: ${JSON.stringify(read.left)}`
    } else {
      designOf(registry, read.right.plan)
      const again = readPlan(registry, 'again.yaml', toYaml(read.right.plan))
      if (E.isLeft(again) || toYaml(again.right.plan) !== toYaml(read.right.plan)) fault = 'what is printed reads otherwise'
    }
  } catch (error) {
    fault = `thrown: ${error instanceof Error ? error.stack : error}`
  }
  const { user, system } = process.cpuUsage(began)
  const took = (user + system) / 1000
  if (took > LONGEST) fault ??= `it took ${Math.round(took)} ms`
  if (Object.getOwnPropertyNames(Object.prototype).length !== before) fault ??= 'Object.prototype was changed'
  return fault
}
