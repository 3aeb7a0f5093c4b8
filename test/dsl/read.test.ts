import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { readDocument, toValue } from '../../src/dsl/document'
import { codeFrame, positionOf } from '../../src/dsl/frame'
import { readPlan } from '../../src/dsl/read'
import { PLAIN, problemJson, renderProblem, renderProblems, shownPath } from '../../src/dsl/render'
import { registry } from './registry'
import { SMALL } from './samples'

const value = (yaml: string): unknown => {
  const document = readDocument('a.yaml', yaml)
  return E.isRight(document) ? toValue(document.right) : document.left.map(({ message }) => message)
}

describe('YAML', () => {
  test('is version 1.2', () => {
    expect(value('a: [yes, 0o17, 1e-6, 1_000, 012, ~]')).toEqual({ a: ['yes', 15, 1e-6, '1_000', 12, null] })
  })

  test('gives keys that are special in JavaScript no power', () => {
    const document = value('__proto__: { polluted: 1 }\nconstructor: 2') as object
    expect(Object.keys(document)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype)
    expect('polluted' in {}).toBe(false)
  })

  test('with aliases that would grow beyond measure is refused', () => {
    const lines = Array.from(
      { length: 20 },
      (_, i) =>
        `a${i}: &a${i} [${Array(10)
          .fill(i === 0 ? '1' : `*a${i - 1}`)
          .join(', ')}]`,
    )
    expect(value(lines.join('\n'))).toEqual(['with all aliases written out this has more than 100000 values'])
  })

  test.each([
    ['brackets', '['.repeat(30_000)],
    ['braces', '{a: '.repeat(5_000)],
    ['lines', `a:\n${' '.repeat(1100)}b: 1`],
    ['dashes', '- '.repeat(10_000)],
  ])('that nests too deeply is refused: %s', (_, yaml) => {
    expect(value(yaml)).toEqual(['this is nested too deeply'])
  })

  test('that is as long as no pipeline is refused, where it is too long', () => {
    const read = readDocument('a.yaml', `name: x\n${'# y\n'.repeat(9_000)}`)
    expect(E.isLeft(read) && read.left.map((problem) => renderProblem(problem))).toEqual([
      expect.stringMatching(/^a\.yaml:8192:1 {2}this is longer than 32,768 characters\n/),
    ])
  })

  test('with thousands of mistakes tells the first hundred', () => {
    const read = readDocument('a.yaml', '\na: 1'.repeat(6_000))
    expect(E.isLeft(read) && read.left.length).toBe(100)
    expect(E.isLeft(read) && read.left[99]).toMatchObject({ line: 102, message: 'this key occurs twice in one mapping' })
  })

  test('an anchor may be used again: the last one counts', () => {
    expect(value('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 })
  })
})

describe('problems that only several stages together have', () => {
  const further = readPlan(registry, 'a.yaml', SMALL.replace('heads: 3', 'heads: no'), [], ({ stages }) => [
    {
      code: 'too-small',
      // The long form of what is written short: the place is what stands for it.
      path: ['pipeline', 1, 'views', 'global', 0, 'augment', 2, 'sometimes', 'augmentations', 0, 'blur', 'radius'],
      at: 'value',
      message: `${stages.filter(({ op }) => op !== undefined).length} of ${stages.length} stages are well-formed`,
    },
    { code: 'late', path: ['pipeline', 6, 'loss', 'weight'], at: 'value', message: 'it is the default' },
  ])

  test('are told with the others, in their places', () => {
    expect(E.isLeft(further) && further.left.map(({ line, col, message }) => [line, col, message])).toEqual([
      [6, 85, '8 of 9 stages are well-formed'],
      [10, 30, 'expected a positive integer, got "no"'],
      [13, 5, 'it is the default'],
    ])
  })
})

describe('places', () => {
  test('count lines and UTF-16 columns from 1', () => {
    expect(positionOf('ab\n😀c', 0)).toEqual({ line: 1, col: 1 })
    expect(positionOf('ab\n😀c', 5)).toEqual({ line: 2, col: 3 })
  })

  test('show no control characters', () => {
    expect(codeFrame('a: \u001b[31mred', 3, 4)).toBe('  1 | a: \ufffd[31mred\n    |    ^')
  })

  test.each([
    ['Chinese', '漢', 2],
    ['an emoji', '⭐', 2],
    ['Tangut', '\u{17000}', 2],
    ['a hexagram', '䷀', 2],
    ['a combining accent', 'e\u0301', 1],
    ['nothing', '\u200b', 0],
    ['Greek', 'α', 1],
  ])('stand below what is marked behind %s', (_, text, width) => {
    const line = `a: [${text}, 5]`
    const at = line.indexOf('5')
    expect(codeFrame(line, at, at + 1)).toBe(`  1 | ${line}\n    | ${' '.repeat(6 + width)}^`)
  })

  test('in lines that end with CR LF', () => {
    expect(codeFrame('a: 1\r\nb: 2\r\n', 9, 10)).toBe('  1 | a: 1\n  2 | b: 2\n    |    ^')
  })

  test('of several lines are underlined to the end of the first', () => {
    expect(codeFrame('a:\n  b: 1\n  c: 2\n', 5, 17)).toBe('  1 | a:\n  2 |   b: 1\n    |   ^^^^')
  })
})

describe('rendering', () => {
  const problem = {
    code: 'wrong-value',
    path: ['pipeline', '3', 'vit', 'heads'],
    at: 'value',
    message: 'expected a number',
  } as const

  test('a problem of a TypeScript plan shows its path', () => {
    expect(renderProblems([problem])).toBe('pipeline[3].vit.heads  expected a number\n\n1 problem')
    expect(problemJson({ ...problem, suggestion: 'take 3' })).toEqual({
      path: 'pipeline[3].vit.heads',
      code: 'wrong-value',
      message: 'expected a number',
      suggestion: 'take 3',
    })
    expect(shownPath([])).toBe('')
  })

  test('a problem with a place shows it, as data too', () => {
    const located = { ...problem, file: 'a.yaml', line: 1, col: 4, frame: codeFrame('a: b', 3, 4), suggestion: 'one\ntwo' }
    const mark = (name: string) => (text: string) => (text === '' ? '' : `<${name}>${text}</${name}>`)
    const paint = { ...PLAIN, place: mark('p'), gutter: mark('g'), carets: mark('c'), suggestion: mark('s') }
    expect(renderProblem(located, paint)).toBe(
      '<p>a.yaml:1:4</p>  expected a number\n<g>  1 |</g> a: b\n<g>    |</g><c>    ^</c>\n  <s>one</s>\n  <s>two</s>',
    )
    expect(problemJson(located)).toEqual({
      file: 'a.yaml',
      line: 1,
      col: 4,
      code: 'wrong-value',
      message: 'expected a number',
      suggestion: 'one\ntwo',
    })
  })
})
