/** Runs that are logged to a real MLflow server: what its own API says of them is what metrics.jsonl says. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../../src/dsl/type'
import { fromYaml, log, mlflow, pipe } from '../../src/index'
import { mlflowLogger } from '../../src/log/mlflow'
import { runPlan } from '../../src/run/run'
import { folder, start, TINY } from '../cli/ibot'
import { withoutTensorFlow } from '../engine'
import { blocks, read } from '../project/documents'
import { type Tiny, tiny } from '../run/tiny'
import { type MlflowServer, startMlflow } from './mlflowServer'
import { linesOf, stoppingAt, train } from './training'

let root: string
let server: E.Either<string, MlflowServer>
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-mlflow-runs-'))
  server = await startMlflow()
}, 400_000)
afterAll(async () => {
  if (E.isRight(server)) await server.right.close()
  rmSync(root, { recursive: true, force: true })
})

/** A test that is skipped, with its reason, where there is no server. */
const onServer = (name: string, work: (server: MlflowServer) => Promise<void>, unless?: string): void =>
  test(name, async ({ skip }) => {
    const why = E.isLeft(server) ? server.left : unless
    if (why !== undefined) return skip(why)
    if (E.isRight(server)) await work(server.right)
  })

const logged = (url: string, options: Tiny = {}, separator: '.' | '/' = '.') =>
  pipe(tiny(options), log(mlflow({ url, experiment: 'tests', separator })))

interface Metric {
  readonly key: string
  readonly value: number
  readonly step: number
}
interface Run {
  readonly info: Readonly<Record<string, Json>>
  readonly data: {
    readonly metrics: readonly Metric[]
    readonly params: readonly { readonly key: string; readonly value: string }[]
    readonly tags: readonly { readonly key: string; readonly value: string }[]
  }
}

const idOf = (folder: string): string => JSON.parse(readFileSync(join(folder, 'loggers.json'), 'utf8')).mlflow.run
const runOf = async ({ get }: MlflowServer, folder: string): Promise<Run> =>
  (await get(`runs/get?run_id=${idOf(folder)}`)).run as unknown as Run
const historyOf = async ({ get }: MlflowServer, folder: string, key: string): Promise<readonly Metric[]> =>
  ((await get(`metrics/get-history?run_id=${idOf(folder)}&metric_key=${encodeURIComponent(key)}`)).metrics ??
    []) as readonly Metric[]

/** Every number of metrics.jsonl that isn't lost is there once, at its step; of what a clock says only that it is. */
const expectAll = async (
  on: MlflowServer,
  folder: string,
  isLost: (key: string, step: number) => boolean = () => false,
): Promise<void> => {
  const lines = linesOf(folder)
  const keys = new Set(lines.flatMap(Object.keys).filter((key) => !['step', 'seconds'].includes(key)))
  expect(keys.size).toBeGreaterThan(15)
  for (const key of keys) {
    const told = (step: number, value: number) => [step, key === 'dataWait' ? value >= 0 : value] as const
    const wanted = lines.filter((line) => key in line && !isLost(key, line.step!)).map((line) => told(line.step!, line[key]!))
    const found = (await historyOf(on, folder, key)).map(({ step, value }) => told(step, value)).sort(([a], [b]) => a - b)
    expect([key, found]).toEqual([key, wanted])
  }
}

onServer('a run is there under its name, with all numbers, parameters and tags', async (on) => {
  const folder = join(root, 'whole')
  const { result, notes } = await train(logged(on.url), { out: folder })
  expect(E.isRight(result) || result.left).toBe(true)
  await expectAll(on, folder)
  const { info, data } = await runOf(on, folder)
  expect(info).toMatchObject({ status: 'FINISHED', run_name: 'whole' })
  expect(notes).toEqual([`logged to MLflow: ${on.url}/#/experiments/${info.experiment_id}/runs/${info.run_id}`])
  const parameters = Object.fromEntries(data.params.map(({ key, value }) => [key, value]))
  expect(parameters).toMatchObject({
    'vit.width': '16',
    'views.global.0.augment.0.randomResizedCrop.scale': '[0.4,1]',
    'adamw.freezeLastLayer': '2 steps',
  })
  expect(Object.keys(parameters).filter((key) => key.startsWith('log'))).toEqual([])
  expect(Object.fromEntries(data.tags.map(({ key, value }) => [key, value]))).toMatchObject({
    'ibot.backend': 'cpu',
    'mlflow.source.name': 'ibot',
  })
})

onServer('a run that is stopped is KILLED, and goes on as the same; steps that are run again are there once', async (on) => {
  const folder = join(root, 'stopped')
  const stopped = await train(logged(on.url), { out: folder, ...stoppingAt(3) })
  expect(stopped.result).toMatchObject({ left: { _tag: 'Stopped' } })
  expect((await runOf(on, folder)).info.status).toBe('KILLED')
  const id = idOf(folder)
  // As after a kill before the checkpoint.
  const checkpoints = join(folder, 'checkpoints')
  expect(readdirSync(checkpoints)).toContain('step-00000003.safetensors')
  rmSync(join(checkpoints, 'step-00000003.safetensors'))
  const whole = await train(logged(on.url), { resume: folder })
  expect(E.isRight(whole.result) || whole.result.left).toBe(true)
  expect(idOf(folder)).toBe(id)
  expect((await runOf(on, folder)).info.status).toBe('FINISHED')
  await expectAll(on, folder)
})

onServer('a run goes on with other loggers, or none; one that was deleted there is begun anew', async (on) => {
  const folder = join(root, 'others')
  await train(logged(on.url), { out: folder, ...stoppingAt(2) })
  const id = idOf(folder)
  const without = await runPlan(tiny(), { resume: folder, backend: 'cpu', ...stoppingAt(4) })()
  expect(without).toMatchObject({ left: { _tag: 'Stopped' } })
  await fetch(`${on.url}/api/2.0/mlflow/runs/delete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_id: id }),
  })
  const again = await train(logged(on.url, {}, '/'), { resume: folder })
  expect(E.isRight(again.result) || again.result.left).toBe(true)
  expect(idOf(folder)).not.toBe(id)
  expect((await historyOf(on, folder, 'clsDistillation/loss')).map(({ step }) => step)).toEqual([5, 6])
})

onServer('the stage that the docs show logs, and in a sweep a run says so', async (on) => {
  const [stage] = blocks(read('docs/runs.md'), 'yaml').filter((block) => block.startsWith('- log:'))
  const mine = stage!.replace('http://127.0.0.1:5000', on.url).replace(/, wandb: .*/, ']')
  const plan = fromYaml(`${TINY.replace('steps: 4', 'steps: 4, workers: 0')}  ${mine}`)
  if (E.isLeft(plan)) throw new Error(plan.left[0]!.message)
  mkdirSync(join(root, 'grid'))
  writeFileSync(join(root, 'grid', 'sweep.json'), '{}')
  const folder = join(root, 'grid', 'lr=1')
  const { result } = await train(plan.right, { out: folder })
  expect(E.isRight(result) || result.left).toBe(true)
  await expectAll(on, folder)
  const { info, data } = await runOf(on, folder)
  const { experiment } = await on.get('experiments/get-by-name?experiment_name=shapes')
  expect(info.experiment_id).toBe((experiment as unknown as { readonly experiment_id: string }).experiment_id)
  expect(data.tags).toContainEqual({ key: 'ibot.sweep', value: 'grid' })
})

onServer('what is sent again, as an answer was lost, is there once', async (on) => {
  const memory: Record<string, Json> = {}
  const keep = async (value: Json): Promise<void> => {
    memory.kept = value
  }
  const opened = await mlflowLogger({ url: on.url, experiment: 'tests', separator: '.' }).open(
    { name: 'twice', group: undefined, config: { 'long name: ü': 'x'.repeat(700) }, facts: {} },
    { known: undefined, keep },
    { env: {}, home: '/', signal: new AbortController().signal },
  )
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  const points = [1, 2, 3].map((step) => ({ step, time: 1_700_000_000_000 + step, numbers: { loss: 1 / step, 'a//b:ü': step } }))
  expect(await opened.right.send(points)).toEqual(E.right(undefined))
  expect(await opened.right.send(points)).toEqual(E.right(undefined))
  const { run } = memory.kept as { readonly run: string }
  const { metrics } = await on.get(`metrics/get-history?run_id=${run}&metric_key=loss`)
  expect(metrics).toHaveLength(3)
  const { data } = (await on.get(`runs/get?run_id=${run}`)).run as unknown as Run
  // Names that the server wouldn't take, and a value that is too long for its older versions.
  expect(data.metrics.map(({ key }) => key).sort()).toEqual(['a/_/b__', 'loss'])
  expect(data.params).toEqual([{ key: 'long name_ _', value: `${'x'.repeat(499)}…` }])
})

onServer('a run that is killed goes on there; its exit code is that of a run without loggers', async (on) => {
  const path = folder({
    'tiny.yaml': `${TINY.replace('steps: 4', 'steps: 300, workers: 0')}  - log: { mlflow: { url: "${on.url}", experiment: killed } }\n`,
  })
  const run = join(path, 'run')
  const killed = start(path, ['run', 'tiny.yaml', '--backend', 'wasm', '--out', 'run'])
  const newest = async (): Promise<number> => {
    const { data } = existsSync(join(run, 'loggers.json')) ? await runOf(on, run) : { data: { metrics: [] } }
    return (data.metrics ?? []).find(({ key }) => key === 'loss')?.step ?? 0
  }
  while ((await newest()) < 20) await new Promise((resolve) => setTimeout(resolve, 50))
  killed.process.kill('SIGKILL')
  expect((await killed).code).toBe(null)
  const id = idOf(run)
  const then = await runOf(on, run)
  expect(then.info.status).toBe('RUNNING')
  const newestOf = new Map(then.data.metrics.map(({ key, step }) => [key, step]))
  const saved = Math.max(...readdirSync(join(run, 'checkpoints')).map((name) => Number(/step-(\d+)/.exec(name)?.[1] ?? 0)))
  const { code, stderr } = await start(path, ['run', '--resume', 'run', '--backend', 'wasm'])
  expect([code, stderr.includes(`logged to MLflow: ${on.url}/#/experiments/`)]).toEqual([0, true])
  expect(idOf(run)).toBe(id)
  expect((await runOf(on, run)).info.status).toBe('FINISHED')
  // What the killed process had saved and not sent yet is not measured again.
  await expectAll(on, run, (key, step) => step > (newestOf.get(key) ?? 0) && step <= saved)
})

onServer(
  'of several processes that train a run, one logs',
  async (on) => {
    const path = folder({ 'tiny.yaml': `${TINY}  - log: { mlflow: { url: "${on.url}", experiment: together } }\n` })
    const { code, stderr } = await start(path, ['launch', '-n', '2', 'tiny.yaml', '--backend', 'tensorflow', '--out', 'run'])
    expect(code, stderr).toBe(0)
    const { experiment } = await on.get('experiments/get-by-name?experiment_name=together')
    const { experiment_id } = experiment as unknown as { readonly experiment_id: string }
    const answer = await fetch(`${on.url}/api/2.0/mlflow/runs/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_ids: [experiment_id] }),
    })
    const { runs } = (await answer.json()) as { readonly runs: readonly Run[] }
    expect(runs.map(({ info }) => info.run_id)).toEqual([idOf(join(path, 'run'))])
    await expectAll(on, join(path, 'run'))
  },
  withoutTensorFlow,
)
