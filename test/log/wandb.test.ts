/** Runs that are logged to Weights & Biases, on a server that knows what its own client sends. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fromYaml, log, pipe, wandb } from '../../src/index'
import { TINY } from '../cli/ibot'
import { tiny } from '../run/tiny'
import { linesOf, stoppingAt, train } from './training'
import { KEY, OWNER, startWandb, type WandbRun, type WandbServer } from './wandbServer'

let root: string
let server: WandbServer
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-wandb-'))
  return () => rmSync(root, { recursive: true, force: true })
})
beforeEach(async () => {
  server = await startWandb()
  vi.stubEnv('WANDB_API_KEY', KEY)
  vi.stubEnv('WANDB_MODE', '')
  return async () => {
    await server.close()
    vi.unstubAllEnvs()
    expect(server.faults).toEqual([])
  }
})
afterAll(() => vi.unstubAllEnvs())

const logged = (options: Parameters<typeof wandb>[0] = {}, of: Parameters<typeof tiny>[0] = {}) =>
  pipe(tiny(of), log(wandb({ url: server.url, project: 'tests', ...(options as object) })))

const idOf = (folder: string): string => JSON.parse(readFileSync(join(folder, 'loggers.json'), 'utf8')).wandb.run
const runOf = (folder: string, entity = OWNER): WandbRun => server.runs.get(`${entity}/tests/${idOf(folder)}`)!

/** One line a step, with all numbers that metrics.jsonl has of it; of what a clock says only that it is. */
const expectAll = (folder: string): void => {
  const rows = new Map<number, Record<string, unknown>>()
  for (const { step, seconds: _seconds, ...numbers } of linesOf(folder)) rows.set(step!, { ...rows.get(step!), ...numbers })
  const wanted = [...rows].map(([step, numbers]) => ({ _step: step, ...numbers }))
  const found = runOf(folder).history.map((line) => {
    const { _runtime, _timestamp, imagesPerSecond: _speed, ...row } = JSON.parse(line)
    return row
  })
  const still = (row: object) => ('dataWait' in row ? { ...row, dataWait: Number(row.dataWait) >= 0 } : row)
  expect(found.map(still)).toEqual(wanted.map(still))
}

test('a run is there with its history, its configuration and its end', async () => {
  const folder = join(root, 'whole')
  const { result, notes } = await train(logged({ entity: 'team', group: 'first', tags: ['vit'] }), { out: folder })
  expect(E.isRight(result) || result.left).toBe(true)
  const run = runOf(folder, 'team')
  expect(run).toMatchObject({ displayName: 'whole', group: 'first', tags: ['vit'], complete: true, exitcode: 0 })
  expect(run.config).toMatchObject({ vit: { value: { width: 16 } }, train: { value: { steps: 6 } }, ibot: { value: {} } })
  expect(run.config).not.toHaveProperty('log')
  expect(run.summary).toMatchObject({ _step: 6, loss: linesOf(folder).find(({ step }) => step === 6)!.loss })
  expect(notes).toEqual([`logged to Weights & Biases: ${server.url}/team/tests/runs/${idOf(folder)}`])
  expect(server.asked).toEqual(['UpsertBucket', 'file_stream', 'file_stream'])
})

test('each step is a line, with what probes measured at it', async () => {
  const folder = join(root, 'lines')
  await train(logged(), { out: folder })
  expectAll(folder)
})

test('names may have slashes', async () => {
  const folder = join(root, 'slashes')
  await train(logged({ separator: '/' }), { out: folder })
  const names = Object.keys(JSON.parse(runOf(folder).history.at(-1)!))
  expect(names).toContain('clsDistillation/center/norm')
  expect(names.filter((name) => name.includes('.'))).toEqual([])
})

test('a run that is stopped goes on as the same, after its last line; steps that are run again are passed over', async () => {
  const folder = join(root, 'stopped')
  const { result } = await train(logged(), { out: folder, ...stoppingAt(3) })
  expect(result).toMatchObject({ left: { _tag: 'Stopped' } })
  const id = idOf(folder)
  expect(runOf(folder)).toMatchObject({ complete: true, exitcode: 255 })
  const lines = runOf(folder).history.length
  expect(lines).toBe(4)
  // As after a kill before the checkpoint.
  rmSync(join(folder, 'checkpoints', 'step-00000003.safetensors'))
  const whole = await train(logged(), { resume: folder })
  expect(E.isRight(whole.result) || whole.result.left).toBe(true)
  expect(idOf(folder)).toBe(id)
  expect(server.runs.size).toBe(1)
  expect(runOf(folder)).toMatchObject({ complete: true, exitcode: 0 })
  expectAll(folder)
  expect(server.asked.filter((one) => one !== 'file_stream')).toEqual(['UpsertBucket', 'RunResumeStatus', 'UpsertBucket'])
})

test('a run that is gone there is begun anew, under another name', async () => {
  const folder = join(root, 'gone')
  await train(logged(), { out: folder, ...stoppingAt(3) })
  const id = idOf(folder)
  server.runs.delete(`${OWNER}/tests/${id}`)
  await train(logged(), { resume: folder })
  expect(idOf(folder)).not.toBe(id)
  expect(runOf(folder).history.map((line) => JSON.parse(line)._step)).toEqual([4, 5, 6])
})

test('the key may be in .netrc, and without one the run says so and goes on', async () => {
  vi.stubEnv('WANDB_API_KEY', '')
  const netrc = join(root, 'netrc')
  vi.stubEnv('NETRC', netrc)
  const without = await train(logged(), { out: join(root, 'without') })
  expect(E.isRight(without.result)).toBe(true)
  expect(without.notes).toHaveLength(2)
  expect(without.notes[0]).toMatch(
    /^this run isn't logged to Weights & Biases: there is no key for 127\.0\.0\.1\. Set WANDB_API_KEY/,
  )
  expect(without.notes[1]).toMatch(/^nothing of this run was sent to Weights & Biases/)
  expect(server.asked).toEqual([])
  writeFileSync(
    netrc,
    `# keys\nmachine api.wandb.ai\n  login user\n  password wrong\nmachine 127.0.0.1 login user password ${KEY}\n`,
  )
  await train(logged(), { out: join(root, 'netrc-run') })
  expectAll(join(root, 'netrc-run'))
})

test('a run that diverges ends with its exit code', async () => {
  const folder = join(root, 'diverged')
  const { result } = await train(logged({}, { lr: 1e20, steps: 40 }), { out: folder })
  expect(result).toMatchObject({ left: { _tag: 'Diverged' } })
  expect(runOf(folder)).toMatchObject({ complete: true, exitcode: 4 })
})

test('an alarm is a tag beside the others, and stands in the summary', async () => {
  const folder = join(root, 'alarm')
  const still = TINY.replace('- emaTeacher', '- emaTeacher: { momentum: 1 }').replace('steps: 4 }', 'steps: 32, workers: 0 }')
  const plan = fromYaml(`${still}  - log: { wandb: { url: "${server.url}", project: tests, tags: [mine] } }\n`)
  if (E.isLeft(plan)) throw new Error(plan.left[0]!.message)
  const { result } = await train(plan.right, { out: folder })
  expect(result).toMatchObject({ right: { alarms: ['frozenTeacher'] } })
  const { tags, summary } = runOf(folder)
  expect(tags).toEqual(['mine', 'alarm:frozenTeacher'])
  expect(summary['alarm.frozenTeacher']).toMatch(/^after step 31 the teacher has never moved/)
})
