/** Signals before the first step: nothing is lost by them, so they act at once. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, linkIbot, ROOT, start, TINY } from './ibot'

/** Milliseconds within which a signal acts, whatever else the machine does. */
const AT_ONCE = 5000

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

/** A source that tells when it is opened, and never is. */
const WAITING = `const { define, required, source, text } = require('ibot/define')
exports.waiting = define(source)({
  name: 'waiting',
  doc: 'Waits.',
  fields: { word: required(text, 'what is told') },
  main: 'word',
  build: ({ word }) => () => () => {
    console.log(word)
    return new Promise((resolve) => setTimeout(resolve, 600_000))
  },
})
`

/** Tells when it is loaded, after which the data is opened. */
const TELLING = `console.log('loaded')
${WAITING}`

const STOPPED = expect.stringMatching(/^stopped {2}no run was begun\n {2}Start again\.\n$/)

test.each(SIGNALS)('%s while a source is opened ends the command at once, without a run', async (signal, code) => {
  const cwd = folder({ 'waiting.cjs': WAITING, 'tiny.yaml': TINY.replace('shapes: { count: 24, size: 8 }', 'waiting: opening') })
  linkIbot(cwd)
  const running = start(cwd, ['run', 'tiny.yaml', '--ops', 'waiting.cjs', '--backend', 'cpu'])
  await running.said('opening')
  const sent = performance.now()
  running.process.kill(signal)
  expect(await running).toMatchObject({ code, stderr: STOPPED })
  expect(performance.now() - sent).toBeLessThan(AT_ONCE)
  expect(existsSync(join(cwd, 'runs'))).toBe(false)
})

test.each(SIGNALS)('%s while a folder of millions of pictures is scanned, too', async (signal, code) => {
  const cwd = folder({
    'telling.cjs': TELLING,
    'tiny.yaml': TINY.replace('shapes: { count: 24, size: 8 }', 'imageFolder: classes'),
  })
  linkIbot(cwd)
  mkdirSync(join(cwd, 'pictures'))
  for (let i = 0; i < 1000; i++) writeFileSync(join(cwd, 'pictures', `${i}.png`), '')
  mkdirSync(join(cwd, 'classes'))
  // Each class is the same folder by another name: a scan of half a minute.
  for (let i = 0; i < 5000; i++) symlinkSync('../pictures', join(cwd, 'classes', `${i}`))
  const running = start(cwd, ['run', 'tiny.yaml', '--ops', 'telling.cjs', '--backend', 'cpu', '--out', 'here'])
  await running.said('loaded')
  await new Promise((resolve) => setTimeout(resolve, 500))
  const sent = performance.now()
  running.process.kill(signal)
  expect(await running).toMatchObject({ code, stderr: STOPPED })
  expect(performance.now() - sent).toBeLessThan(AT_ONCE)
  expect(readdirSync(cwd)).not.toContain('here')
})

test.each(SIGNALS)('%s while the thread is kept busy is left to the system', async (signal) => {
  const busy = `
const { untilStopped } = require(${JSON.stringify(join(ROOT, 'dist', 'cli', 'signals.js'))})
untilStopped().endable(() => { require('node:fs').writeSync(1, 'busy'); for (;;); })`
  const child = spawn(process.execPath, ['-e', busy], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const ended = new Promise((resolve) => child.on('close', (code, by) => resolve({ code, by })))
  child.kill(signal)
  expect(await ended).toEqual({ code: null, by: signal })
})

test('a signal that has come before the thread is kept busy is heard afterwards', async () => {
  const busy = `
const { untilStopped } = require(${JSON.stringify(join(ROOT, 'dist', 'cli', 'signals.js'))})
const { signal, endable } = untilStopped()
process.kill(process.pid, 'SIGTERM')
endable(() => console.log('first', signal.reason)).then(() => {
  process.kill(process.pid, 'SIGINT')
  setTimeout(() => console.log('never'), 60_000)
})`
  const child = spawn(process.execPath, ['-e', busy], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (text) => {
    out += text
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect({ code, out }).toEqual({ code: 130, out: 'first SIGTERM\n' })
})

test('a signal while a probe is measured before the first step saves the run there', async () => {
  const long = TINY.replace('count: 12, size: 8, seed: 1', 'count: 200000, size: 8, seed: 1')
  const cwd = folder({ 'tiny.yaml': long })
  const running = start(cwd, ['run', 'tiny.yaml', '--json', '--backend', 'cpu'])
  await running.said('"event":"start"')
  const sent = performance.now()
  running.process.kill('SIGINT')
  const { code, stderr } = await running
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr: 'stopped  the run is saved after step 0 of 4\n  Go on with: ibot run --resume runs/tiny\n',
  })
  expect(performance.now() - sent).toBeLessThan(AT_ONCE)
  expect(existsSync(join(cwd, 'runs', 'tiny', 'run.lock'))).toBe(false)
})
