/** docs/concepts.md shows the code and the equations that there are. */
import { expect, test } from 'vitest'
import { registry } from '../../src/ops/registry'
import { blocks, read } from './documents'

const CONCEPTS = read('docs/concepts.md')
const EXCERPTS = blocks(CONCEPTS, 'ts').map((block) => {
  const [first, ...rest] = block.trimEnd().split('\n')
  return [first!.replace('// ', ''), rest] as const
})

/** Lines without what all of them are indented by. */
const dedented = (lines: readonly string[]): readonly string[] => {
  const depth = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(depth))
}

test('there is an excerpt for each concept', () => {
  expect(EXCERPTS.length).toBeGreaterThanOrEqual([...CONCEPTS.matchAll(/^## /gm)].length)
})

test.each(EXCERPTS)('%s has what is shown of it', (file, excerpt) => {
  const lines = read(file).split('\n')
  // The end of the first line may be what is shown: `return` stands before it.
  const found = lines.some((_, at) => {
    const part = dedented(lines.slice(at, at + excerpt.length))
    return part.every((line, i) => (i === 0 && excerpt.length === 1 ? line.endsWith(excerpt[0]!) : line === excerpt[i]))
  })
  expect(found, excerpt.join('\n')).toBe(true)
})

test('its equations are those of the ops', () => {
  const equations = registry.ops.flatMap(({ equation }) => (equation === undefined ? [] : [equation]))
  const shown = blocks(CONCEPTS, '').flatMap((block) => block.trim().split('\n'))
  expect(shown.filter((line) => !equations.includes(line))).toEqual(['pairs = G · (G + L - 1), with G global and L local views'])
  expect(shown.length).toBeGreaterThan(5)
})
