/** Names from files reach the terminal as characters that are seen, wherever they come from. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { missing } from '../../src/base/failure'
import { failureText } from '../../src/cli/failureText'
import { screenOf } from '../../src/cli/terminal'
import { folder, start } from './ibot'

const EVIL = 'a\u001b[2Jb\u0007c\nok  d\u202egpj.e'
const SHOWN = 'a\\u001b[2Jb\\u0007c\\nok  d\\u202egpj.e'

const written = (isTTY: boolean, text: string): string => {
  const all: string[] = []
  const write = (part: string) => all.push(part) > 0
  screenOf({ write, isTTY, columns: 80 } as never, {}).write(text)
  return all.join('')
}

test('a terminal gets lines, tabs and colours, and nothing else that acts', () => {
  const { bold, red, cyan, yellow, green, dim } = pc.createColors(true)
  const ours = `${bold(red('error'))}\t${cyan('x')} ${yellow(bold('y'))} ${green('z')} ${dim('w')}\n`
  expect(written(true, ours)).toBe(ours)
  expect(written(true, `${bold(EVIL)}\n`)).toBe(`${bold('a\\u001b[2Jb\\u0007c\nok  d\\u202egpj.e')}\n`)
  expect(written(true, '\u001b[8mhidden \u001b]0;title\u0007 \r\u001b[2K')).not.toMatch(/[^\P{Cc}]/u)
})

test('what other programs read is as it is', () => {
  expect(written(false, EVIL)).toBe(EVIL)
})

test('JSON on a terminal is still that JSON', () => {
  const object = { name: `${EVIL}\u009b`, more: ['\u202e'] }
  expect(JSON.parse(written(true, JSON.stringify(object)))).toEqual(object)
})

test('a failure is told in as many lines as it has, whatever names are in it', () => {
  expect(failureText(missing(`cannot read ${EVIL}`, `rm '${EVIL}'`))).toBe(`error  cannot read ${SHOWN}\n  rm '${SHOWN}'`)
  const problem = { code: 'x', path: [EVIL], at: 'key', message: `unknown ${EVIL}`, suggestion: 'one\ntwo' } as const
  expect(failureText({ _tag: 'Rejected', problems: [problem] })).toBe(`${SHOWN}  unknown ${SHOWN}\n  one\n  two\n\n1 problem`)
})

test.skipIf(process.platform === 'win32')('names of folders and of files of data', async () => {
  const cwd = folder()
  for (const name of ['fine', EVIL]) {
    mkdirSync(join(cwd, 'data', name), { recursive: true })
    writeFileSync(join(cwd, 'data', name, `${EVIL}.png`), 'no picture')
  }
  const { code, stdout, stderr } = await start(cwd, ['data', 'data'])
  expect(code).toBe(0)
  expect(stdout).toContain(SHOWN)
  expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
  expect(stdout).not.toMatch(/^ok/m)
})

test('names in a pipeline, and the line that has them', async () => {
  const cwd = folder({ 'x.yaml': 'name: x\npipeline:\n  - "v\u202eit": {} # \u001b[2J\n' })
  const { code, stderr } = await start(cwd, ['check', 'x.yaml'])
  expect(code).toBe(2)
  expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
})
