import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { command, pathHere, pathWord } from '../../src/base/command'

test('plain words stay as they are; others are quoted', () => {
  expect(command('ibot', 'run', 'runs/a b', '--set', 'train.steps=8')).toBe("ibot run 'runs/a b' --set train.steps=8")
  expect(command('rm', "it's", '', '$(x)', '~')).toBe(`rm 'it'\\''s' '' '$(x)' '~'`)
})

test.skipIf(process.platform === 'win32')('a shell takes the words apart again, whatever is in them', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab/.=~*?$`"\'\\ \n;&|<>(){}[]!#%-é漢') })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${command(...words)}`], { encoding: 'utf8' })
      expect(printed.split('\0').slice(0, -1)).toEqual(words)
    }),
    { numRuns: 30 },
  )
})

test('a path is never an option', () => {
  expect(command('ibot', 'run', '--resume', pathWord('-r 2'))).toBe("ibot run --resume './-r 2'")
  expect(['runs/-1', '/-', './-'].map(pathWord)).toEqual(['runs/-1', '/-', './-'])
})

test('a path below the current folder is told from there', () => {
  expect(pathHere(join(process.cwd(), 'ops', 'mine.mjs'))).toBe(join('ops', 'mine.mjs'))
  expect(pathHere('/elsewhere/mine.mjs')).toBe('/elsewhere/mine.mjs')
})
