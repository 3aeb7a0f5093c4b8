import { expect, test } from 'vitest'
import { HEADER, jsonLine, tableLine } from '../../bench/outcome'

const measured = { name: 'step-fp32', ratio: 1.52345, ours: 2.754321, theirs: 4.2, unit: 's/step', rounds: 11 }

test('a JSON line holds exactly what was measured', () => {
  const line = jsonLine(measured)
  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toEqual({ name: 'step-fp32', ratio: 1.523, ours: 2.754, theirs: 4.2, unit: 's/step', rounds: 11 })
  expect(Object.keys(JSON.parse(line))).toEqual(['name', 'ratio', 'ours', 'theirs', 'unit', 'rounds'])
})

test('without anything to compare with, the ratio is null', () => {
  const alone = { ...measured, ratio: null, theirs: null }
  expect(JSON.parse(jsonLine(alone))).toEqual({ ...alone, ours: 2.754 })
})

test('what was not run, and what broke down, say why', () => {
  const notRun = { name: 'knn', notRun: 'IBOT_PYTHON is not set' }
  expect(JSON.parse(jsonLine(notRun))).toEqual(notRun)
  expect(tableLine(notRun)).toMatch(/^knn +not run: IBOT_PYTHON is not set$/)
  expect(tableLine({ name: 'knn', failed: 'it ended' })).toMatch(/^knn +failed: it ended$/)
})

test('a line of the table stands below its header', () => {
  const line = tableLine(measured)
  expect(line).toMatch(/^step-fp32 +1\.523 +2\.754 +4\.2 {2}s\/step, 11$/)
  expect(line.indexOf('1.523') + 5).toBe(HEADER.indexOf('ratio') + 5)
  expect(tableLine({ ...measured, ratio: null, theirs: null })).toMatch(/^step-fp32 +– +2\.754 +–/)
})
