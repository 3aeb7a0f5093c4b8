/** To whom secrets are told, and what is begun twice: asked of a `fetch` that keeps what it is asked. */
import * as E from 'fp-ts/Either'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Json } from '../../src/dsl/type'
import { isTrusted } from '../../src/log/http'
import type { Memory, Surroundings } from '../../src/log/logger'
import { mlflowLogger } from '../../src/log/mlflow'
import { wandbLogger } from '../../src/log/wandb'

const RUN = { name: 'run', group: undefined, config: { vit: { width: 16 } }, facts: {} }
const around = (env: Surroundings['env']): Surroundings => ({ env, home: '/nowhere', signal: new AbortController().signal })

/** A memory as that of a run's folder. */
const remembering = (): Memory => {
  let known: Json | undefined
  return {
    get known() {
      return known
    },
    keep: async (value) => {
      known = value
    },
  }
}

interface Request {
  readonly url: string
  readonly authorization: string | undefined
}
let requests: Request[]
let answer: (url: string) => readonly [status: number, body: object]
beforeEach(() => {
  requests = []
  answer = () => [401, {}]
  vi.stubGlobal('fetch', async (url: string, { headers }: { readonly headers: Readonly<Record<string, string>> }) => {
    requests.push({ url, authorization: headers.authorization })
    const [status, body] = answer(url)
    return new Response(JSON.stringify(body), { status })
  })
})
afterEach(() => vi.unstubAllGlobals())

test.each([
  ['http://127.0.0.1:5000', [], true],
  ['http://localhost:5000', [], true],
  ['http://[::1]:5000', [], true],
  ['https://logs.example/wandb', ['https://logs.example'], true],
  ['http://logs.example', ['https://logs.example'], false],
  ['https://logs.example:8443', ['https://logs.example'], false],
  ['https://logs.example.evil.org', ['https://logs.example'], false],
  ['https://127.0.0.1.evil.org', [undefined, 'no address'], false],
] as const)('%s among %j: may it be told a secret? %s', (url, own, expected) => {
  expect(isTrusted(url, own)).toBe(expected)
})

const HERE = 'https://logs.example'
const WANDB = { project: undefined, entity: undefined, group: undefined, tags: [], separator: '.' } as const

test("W&B's key goes to no server that only the pipeline names", async () => {
  const open = (env: Surroundings['env']) =>
    wandbLogger({ ...WANDB, url: HERE }).open(RUN, remembering(), around({ WANDB_API_KEY: 'SECRET', ...env }))
  expect(await open({})).toMatchObject({
    left: { message: 'there is no key for logs.example', remedy: expect.stringContaining(`Set WANDB_BASE_URL to ${HERE}, too`) },
  })
  expect(requests).toEqual([])
  await open({ WANDB_BASE_URL: HERE })
  expect(requests.length).toBeGreaterThan(0)
})

test("MLflow's token goes to no server that only the pipeline names", async () => {
  const open = (env: Surroundings['env']) =>
    mlflowLogger({ url: HERE, experiment: 'e', separator: '.' }).open(
      RUN,
      remembering(),
      around({ MLFLOW_TRACKING_TOKEN: 'SECRET', ...env }),
    )
  expect(await open({})).toMatchObject({
    left: { again: 'never', remedy: expect.stringContaining(`Set MLFLOW_TRACKING_URI to ${HERE}, too`) },
  })
  expect(requests.map(({ authorization }) => authorization)).toEqual([undefined])
  await open({ MLFLOW_TRACKING_URI: HERE })
  expect(requests.at(-1)!.authorization).toBe('Bearer SECRET')
})

test('a run that could not be begun to the end is not begun a second time', async () => {
  let isBusy = true
  answer = (url) => {
    if (url.includes('get-by-name')) return [200, { experiment: { experiment_id: '1' } }]
    if (url.includes('runs/create')) return [200, { run: { info: { run_id: 'first' } } }]
    if (url.includes('runs/get')) return [200, { run: { info: { lifecycle_stage: 'active' }, data: {} } }]
    return url.includes('log-batch') && isBusy ? [503, {}] : [200, {}]
  }
  const logger = mlflowLogger({ url: HERE, experiment: 'e', separator: '.' })
  const memory = remembering()
  expect(await logger.open(RUN, memory, around({}))).toMatchObject({ left: { again: 'later' } })
  isBusy = false
  expect(E.isRight(await logger.open(RUN, memory, around({})))).toBe(true)
  expect(requests.filter(({ url }) => url.includes('runs/create'))).toHaveLength(1)
})
