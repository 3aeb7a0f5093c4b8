/** Servers that fail: the run is what it would be without loggers, ends a few seconds later at most, and says what wasn't sent. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { log, mlflow, pipe, wandb } from '../../src/index'
import { LAST } from '../../src/log/delivery'
import { folder, start, TINY } from '../cli/ibot'
import { tiny } from '../run/tiny'
import { train } from './training'
import { KEY } from './wandbServer'

const TOKEN = 'a-token-that-nobody-may-see'
/** Milliseconds that a run itself may take here. */
const ITSELF = 5000

let root: string
/** The hash of the state without loggers. */
let sha256: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-failing-'))
  const { result } = await train(tiny(), { out: join(root, 'plain') })
  if (E.isRight(result)) sha256 = result.right.sha256
  return () => rmSync(root, { recursive: true, force: true })
})

const servers: Server[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const serve = async (listener: RequestListener): Promise<{ readonly url: string; readonly server: Server }> => {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** Trains with both loggers at an address; gives what was said, and for how long it took. */
const trainAt = async (url: string) => {
  vi.stubEnv('WANDB_API_KEY', KEY)
  vi.stubEnv('WANDB_MODE', '')
  vi.stubEnv('MLFLOW_TRACKING_TOKEN', TOKEN)
  const out = mkdtempSync(join(root, 'run-'))
  const began = performance.now()
  const { result, notes } = await train(pipe(tiny(), log([mlflow({ url }), wandb({ url })])), { out })
  return { result, out, notes, took: performance.now() - began }
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** All that a run that nobody listened to must be. */
const expectSound = ({ result, out, notes, took }: Awaited<ReturnType<typeof trainAt>>, longest: number): void => {
  expect(E.isRight(result) && result.right.sha256).toBe(sha256)
  expect(took).toBeLessThan(ITSELF + longest)
  for (const title of ['MLflow', 'Weights & Biases'])
    expect(notes.filter((note) => note.startsWith(`nothing of this run was sent to ${title}: `))).toHaveLength(1)
  const secrets = [KEY, TOKEN, Buffer.from(`api:${KEY}`).toString('base64')]
  const texts = [...notes, ...filesIn(out).map((path) => readFileSync(path, 'latin1'))]
  expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([])
}

test('nobody listens at the port', async () => {
  const { url, server } = await serve(() => undefined)
  await new Promise((resolve) => server.close(resolve))
  const trained = await trainAt(url)
  expectSound(trained, 500)
  const last = trained.notes.find((note) => note.startsWith('nothing of this run was sent to MLflow'))
  expect(last).toMatch(/: MLflow at http:\S+ can't be reached \(ECONNREFUSED\)\. .*metrics\.jsonl has them all\.$/)
  // In the middle of the run, or at its end.
  const remedy = "Name a server that runs: 'mlflow: { url: http://127.0.0.1:5000 }', or MLFLOW_TRACKING_URI."
  expect(trained.notes.filter((note) => note.includes(remedy))).toHaveLength(1)
})

test('a server takes what is sent and never answers', async () => {
  expectSound(await trainAt((await serve(() => undefined)).url), LAST + 500)
})

test('a server answers 500 to everything', async () => {
  const { url } = await serve((_, response) => response.writeHead(500).end('{"message":"out of order"}'))
  const trained = await trainAt(url)
  expectSound(trained, 500)
  expect(trained.notes.some((note) => note.includes(`MLflow at ${url} answers 500: out of order. Look at`))).toBe(true)
})

test('a server knows no such user, and repeats the key in its answer', async () => {
  const { url } = await serve((request, response) =>
    response.writeHead(401).end(JSON.stringify({ message: `who is ${request.headers.authorization}?` })),
  )
  const trained = await trainAt(url)
  expectSound(trained, 500)
  const [first] = trained.notes.filter((note) => note.startsWith("this run isn't logged to MLflow: "))
  expect(first).toMatch(/ answers 401: who is Bearer …\?\. Set MLFLOW_TRACKING_USERNAME and/)
  expect(trained.notes.filter((note) => note.startsWith("this run isn't logged to"))).toHaveLength(2)
})

test('what answers is another server', async () => {
  const { url } = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>'))
  const trained = await trainAt(url)
  expectSound(trained, 500)
  expect(trained.notes.some((note) => note.includes('gives an answer that is no JSON. Is it MLflow that runs there?'))).toBe(true)
})

test('a server sends on to another one, which is told nothing', async () => {
  let heard = 0
  const other = await serve((_, response) => {
    heard++
    response.writeHead(200).end('{}')
  })
  const { url } = await serve((_, response) => response.writeHead(307, { location: other.url }).end())
  const trained = await trainAt(url)
  expectSound(trained, 500)
  expect(trained.notes.some((note) => note.includes(`MLflow at ${url} answers 307: go to ${other.url}. Name a server`))).toBe(
    true,
  )
  expect(heard).toBe(0)
})

test('a server gives half an answer', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"experiment"')
    setTimeout(() => response.destroy(), 20)
  })
  expectSound(await trainAt(url), 500)
})

test('a server answers without an end', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200)
    const more = setInterval(() => response.write(' '.repeat(1_000_000)), 1)
    response.on('close', () => clearInterval(more))
  })
  expectSound(await trainAt(url), LAST + 500)
})

test('a server dies in the middle: what it has not is said', async () => {
  let asked = 0
  const { url } = await serve((request, response) => {
    asked++
    if (request.url!.endsWith('/log-batch') && asked > 3) return request.socket.destroy()
    const info = { run_id: 'r1', experiment_id: '1' }
    response.writeHead(200).end(JSON.stringify({ experiment: { experiment_id: '1' }, run: { info } }))
  })
  const out = join(root, 'dying')
  const { result, notes } = await train(pipe(tiny(), log(mlflow({ url }))), { out })
  expect(E.isRight(result) && result.right.sha256).toBe(sha256)
  expect(notes).toEqual([
    `logged to MLflow: ${url}/#/experiments/1/runs/r1`,
    expect.stringMatching(
      /^nothing of this run was sent to MLflow: .* can't be reached \(.*\)\. .* metrics\.jsonl has them all\.$/,
    ),
  ])
})

test('a server that takes all but the end of the run: that is said', async () => {
  const { url } = await serve((request, response) => {
    if (request.url!.endsWith('/update')) return response.writeHead(503).end('{}')
    const info = { run_id: 'r1', experiment_id: '1' }
    response.writeHead(200).end(JSON.stringify({ experiment: { experiment_id: '1' }, run: { info } }))
  })
  const { notes } = await train(pipe(tiny(), log(mlflow({ url }))), { out: join(root, 'unended') })
  expect(notes.at(-1)).toBe(
    `MLflow hasn't heard that the run has ended: MLflow at ${url} answers 503. Look at the log of the server.`,
  )
})

test('the command ends as without loggers, and checking a pipeline asks no server', async () => {
  let asked = 0
  const { url } = await serve((_, response) => {
    asked++
    response.writeHead(500).end()
  })
  const path = folder({ 'tiny.yaml': `${TINY}  - log: [mlflow: { url: "${url}" }, wandb: { url: "${url}" }]\n` })
  const env = { WANDB_API_KEY: KEY, WANDB_MODE: '' }
  expect((await start(path, ['check', 'tiny.yaml'], env)).code).toBe(0)
  expect(asked).toBe(0)
  const { code, stdout, stderr } = await start(path, ['run', 'tiny.yaml', '--backend', 'wasm', '--json'], env)
  expect(code, stderr).toBe(0)
  expect(asked).toBeGreaterThan(0)
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ event: 'end', steps: 4 })
})
