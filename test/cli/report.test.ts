import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defect, diverged, exitCode, type Failure, joined, missing, rejected, stopped } from '../../src/base/failure'
import { failureJson, reportAs } from '../../src/cli/report'

const problem = {
  code: 'no-key',
  path: ['pipeline', 0, 'vit'],
  at: 'key',
  message: 'it is wrong',
  suggestion: 'mend it',
} as const

test('with places: ok, exit and problems', () => {
  expect(failureJson(rejected([problem]))).toEqual({
    ok: false,
    exit: 2,
    problems: [{ path: 'pipeline[0].vit', code: 'no-key', message: 'it is wrong', suggestion: 'mend it' }],
  })
})

test('without: ok, exit, message and suggestion', () => {
  expect(failureJson(missing('no data', 'Fetch them.'))).toEqual({
    ok: false,
    exit: 3,
    message: 'no data',
    suggestion: 'Fetch them.',
  })
})

test('failures with places are problems: what is missing alone is exit 3, with a mistake beside it 2', () => {
  const gone = { failure: missing('no data', 'Fetch them.'), path: ['dataset'] }
  const wrong = { failure: rejected([problem]), path: [] }
  const shown = { path: 'dataset', code: 'missing', message: 'no data', suggestion: 'Fetch them.' }
  expect(failureJson(joined([gone, gone]))).toEqual({ ok: false, exit: 3, problems: [shown, shown] })
  expect(failureJson(joined([gone, wrong]))).toMatchObject({ exit: 2, problems: [shown, { code: 'no-key' }] })
  // One alone stays what it is, and knows its place.
  expect(joined([gone])).toEqual({ path: ['dataset'], ...gone.failure })
  expect(joined([{ ...gone, path: [] }])).toBe(gone.failure)
  const bug = defect(new Error('ours'))
  expect(joined([gone, { failure: bug, path: [] }, wrong])).toBe(bug)
})

test('every failure has its exit code and either problems or a message with a suggestion', () => {
  const text = fc.string()
  const failures: fc.Arbitrary<Failure> = fc.oneof(
    fc.constant(rejected([problem])),
    fc.tuple(text, text).map((words) => missing(...words)),
    fc.tuple(text, text).map((words) => diverged(...words)),
    fc.tuple(text, text).map((words) => stopped('SIGTERM', ...words)),
    text.map((message) => defect(new Error(message))),
  )
  fc.assert(
    fc.property(failures, (failure) => {
      const json = failureJson(failure)
      expect(json).toMatchObject({ ok: false, exit: exitCode(failure) })
      expect(Object.keys(json).slice(2)).toEqual(failure._tag === 'Rejected' ? ['problems'] : ['message', 'suggestion'])
      expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    }),
  )
})

test('as JSON it is one line, and the exit code is given', () => {
  const written: string[] = []
  const screen = { write: (text: string) => written.push(text) }
  expect(reportAs(true, missing('no data', 'Fetch them.'), { screen })).toBe(3)
  expect(written.join('')).toBe('{"ok":false,"exit":3,"message":"no data","suggestion":"Fetch them."}\n')
})
