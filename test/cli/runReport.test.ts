/** `ibot report`, and the report that a run leaves. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, linkIbot, start, TINY } from './ibot'

test('a run leaves a report, which is made anew or elsewhere at any time', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  const ran = await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu'])
  expect(ran.stdout).toContain('report   runs/tiny/report.html\n')
  const report = join(cwd, 'runs', 'tiny', 'report.html')
  const first = readFileSync(report, 'utf8')
  writeFileSync(report, 'an older one')
  expect(await start(cwd, ['report', 'runs/tiny'])).toEqual({ code: 0, stdout: 'runs/tiny/report.html\n', stderr: '' })
  expect(readFileSync(report, 'utf8')).toBe(first)

  expect((await start(cwd, ['report', 'runs/tiny', '--out', 'mine.html'])).stdout).toBe('mine.html\n')
  expect(await start(cwd, ['report', 'runs/tiny', '--out', 'mine.html'])).toEqual({
    code: 3,
    stdout: '',
    stderr: "error  mine.html exists, and nothing is overwritten\n  Choose another name for '--out', or move the file away.\n",
  })
  expect(existsSync(join(cwd, 'mine.html'))).toBe(true)

  expect(await start(cwd, ['report', 'runs/tinny'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "runs/tinny  there is no run in this folder to report on\n  did you mean 'runs/tiny'?\n\n1 problem\n",
  })
})

/** What is in a folder, and when each file was changed. */
const stateOf = (path: string) =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => [name, statSync(join(path, name)).mtimeMs])

const get = (url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  new Promise<{ readonly status: number | undefined; readonly policy: unknown; readonly body: string }>((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      let body = ''
      response.on('data', (data) => {
        body += data
      })
      response.on('end', () =>
        resolve({ status: response.statusCode, policy: response.headers['content-security-policy'], body }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })

test('--watch serves the page to this machine until Ctrl-C, and writes nothing into the folder', async () => {
  const cwd = folder({ 'tiny.yaml': TINY })
  await start(cwd, ['run', 'tiny.yaml', '--backend', 'cpu', '--out', 'run'])
  const before = stateOf(join(cwd, 'run'))
  const watching = start(cwd, ['report', '--watch', 'run'])
  const url = (await watching.said('\n')).trim()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  const page = await get(url)
  expect(page.status).toBe(200)
  expect(page.body).toContain('<h1>tiny: report of a run</h1>')
  expect(page.body).toMatch(/<section id="losses" data-part="[0-9a-f]{16}">/)
  expect(page.policy).toMatch(/^default-src 'none'; img-src data:; .*script-src 'sha256-[^']+'; connect-src 'self'/)

  // What the page has isn't sent again.
  const { parts } = JSON.parse((await get(`${url}parts`)).body)
  const losses = parts.find(({ id }: { id: string }) => id === 'losses')
  expect(losses.html).toContain('aria-label="loss"')
  const news = JSON.parse((await get(`${url}parts?have=${losses.mark}`)).body)
  expect(news.parts.find(({ id }: { id: string }) => id === 'losses')).toEqual({ id: 'losses', mark: losses.mark })

  // A page of others, whose name leads here, asks under that name.
  expect((await get(url, { host: 'elsewhere.example' })).status).toBe(403)
  expect((await get(url, { host: `localhost:${new URL(url).port}` })).status).toBe(200)
  expect((await get(url, {}, 'POST')).status).toBe(405)
  expect((await get(`${url}../run.json`)).status).toBe(404)

  // What the network has learnt is computed meanwhile, and comes.
  await expect.poll(async () => (await get(url)).body, { timeout: 30_000 }).toContain('alt="attention maps, head 1"')
  expect(await start(cwd, ['report', '--port', new URL(url).port, 'run'])).toEqual({
    code: 3,
    stdout: '',
    stderr: `error  cannot serve on port ${new URL(url).port}: another program uses it\n  Name another one, or leave '--port' out for one that is free.\n`,
  })
  watching.process.kill('SIGINT')
  expect(await watching).toEqual({
    code: 130,
    stdout: `${url}\n`,
    stderr: 'run is served to browsers on this machine while it goes on; Ctrl-C ends that\n',
  })
  expect(stateOf(join(cwd, 'run'))).toEqual(before)
})

test('a page that is served is not written, too', async () => {
  const { code, stderr } = await start(folder(), ['report', 'run', '--watch', '--out', 'page.html'])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "error: option '--watch' cannot be used with option '--out <file>'\nSee 'ibot report --help'.\n",
  })
})

/** Pictures that take their time: a report reads all 24. */
const SLOW = `import { writeFileSync } from 'node:fs'
import { define, source } from 'ibot/define'

let reads = 0
process.on('exit', () => writeFileSync('reads', String(reads)))

const right = (value) => ({ _tag: 'Right', right: value })
const read = async (i) => {
  reads++
  await new Promise((resolve) => setTimeout(resolve, 400))
  return right({ width: 8, height: 8, channels: 3, data: Uint8Array.from({ length: 192 }, (_, k) => (17 * k + 31 * i) % 256) })
}
const opened = { name: 'slow', count: 24, channels: 3, size: [8, 8], classes: [], label: () => undefined, fingerprint: '0', read }

export const slow = define(source)({ name: 'slow', doc: 'Takes its time.', fields: {}, build: () => () => async () => right(opened) })
`
const SLOW_RUN = TINY.replace('shapes: { count: 24, size: 8 }', 'slow: {}')
  .replace(/ {2}- knn.*\n/, '')
  .replace('batch: 8, steps: 4', 'batch: 2, steps: 1')

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while the report is made ends the process soon: the run is done and saved, and there is no page',
  async (signal, code) => {
    const cwd = folder({ 'slow.yaml': SLOW_RUN, 'slow.mjs': SLOW })
    linkIbot(cwd)
    const running = start(cwd, ['run', 'slow.yaml', '--ops', 'slow.mjs', '--backend', 'cpu', '--json', '--out', 'run'])
    await running.said('"event":"checkpoint","step":1')
    running.process.kill(signal)
    const ended = await running
    expect(ended).toMatchObject({
      code,
      stderr: "stopped  the run's report was not made\n  Make it with: ibot report run --ops slow.mjs\n",
    })
    expect(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ run: 'run', steps: 1 })
    expect(readdirSync(join(cwd, 'run')).filter((name) => /report|tmp|lock/.test(name))).toEqual([])
    // Two by the step; a whole report takes 28 more.
    expect(Number(readFileSync(join(cwd, 'reads'), 'utf8'))).toBeLessThan(20)
  },
)
