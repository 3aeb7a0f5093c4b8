/** A real MLflow server for tests, installed once by pip into the cache. Where it can't be had, tests that need it are skipped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { cacheFolder } from '../../src/base/cacheFolder'
import { thisHost } from '../../src/wheels/host'
import { runPython } from '../../src/wheels/python'

const VERSION = '3.17.2'

/** What its server imports; the package alone asks for four times as much: pyarrow, scipy, scikit-learn, matplotlib. */
const NEEDED = [
  `mlflow-skinny==${VERSION}`,
  `mlflow-tracing==${VERSION}`,
  ...['flask<4', 'flask-cors', 'alembic<2', 'sqlalchemy<3', 'graphene<4', 'pandas<4', 'huey', 'cryptography', 'aiohttp'],
]

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--only-binary=:all:', '--target']

/** The folders that Python finds it in, or why it can't be had. */
const installed = async (): Promise<E.Either<string, readonly string[]>> => {
  const folder = join(cacheFolder(), 'test', `mlflow-${VERSION}`)
  const paths = ['whole', 'needed'].map((name) => join(folder, name))
  if (existsSync(folder)) return E.right(paths)
  mkdirSync(join(folder, '..'), { recursive: true })
  const unfinished = mkdtempSync(`${folder}.`)
  const pip = (name: string, ...what: readonly string[]) =>
    runPython(thisHost(), [...PIP, join(unfinished, name), ...what], { timeout: 300_000 })()
  const all = await Promise.all([pip('whole', '--no-deps', `mlflow==${VERSION}`), pip('needed', ...NEEDED)])
  const failed = all.find((one) => E.isLeft(one) || one.right?.code !== 0)
  if (failed !== undefined) {
    rmSync(unfinished, { recursive: true, force: true })
    const ended = E.isRight(failed) ? failed.right : undefined
    return E.left(ended === undefined ? 'there is no Python' : (ended.stderr.trim().split('\n').at(-1) ?? 'pip failed'))
  }
  try {
    renameSync(unfinished, folder)
  } catch {
    // Other tests have installed it meanwhile.
    rmSync(unfinished, { recursive: true, force: true })
  }
  return E.right(paths)
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })

export interface MlflowServer {
  readonly url: string
  readonly get: (path: string) => Promise<Record<string, never>>
  readonly close: () => Promise<void>
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })

/** How long it may take to begin, in seconds. */
const BEGIN = 90

export const startMlflow = async (): Promise<E.Either<string, MlflowServer>> => {
  const paths = await installed()
  if (E.isLeft(paths)) return paths
  const folder = mkdtempSync(join(tmpdir(), 'ibot-mlflow-'))
  const port = await freePort()
  const args = [
    ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ...['--backend-store-uri', `sqlite:///${join(folder, 'runs.db')}`, '--artifacts-destination', join(folder, 'artifacts')],
  ]
  const child = spawn('python3', args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: paths.right.join(delimiter),
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    },
  })
  let said = ''
  // Then it has no exit code either, and nothing answers.
  let absent: Error | undefined
  child.on('error', (error) => {
    absent = error
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000)
  })
  const close = async (): Promise<void> => {
    // The group of processes that this one began.
    if (absent === undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid!, 'SIGKILL')
      await ended(child)
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < 4 * BEGIN; i++) {
    if (child.exitCode !== null || absent !== undefined) break
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok)
      return E.right({ url, close, get: async (path) => (await (await fetch(`${url}/api/2.0/mlflow/${path}`)).json()) as never })
    await pause(250)
  }
  await close()
  return E.left(`the MLflow server didn't begin: ${absent?.message ?? said}`)
}
