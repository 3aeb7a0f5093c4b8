/** The report of a run, on its way and at its end. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { imageFolder, type RunEvent } from '../../src/index'
import { occurrencesOf } from '../../src/loader/batches'
import { registry } from '../../src/ops/registry'
import { type Opened, openPlan } from '../../src/program/openPlan'
import { runReport } from '../../src/report/run'
import { runPlan } from '../../src/run/run'
import { pictureFolder } from '../loader/pictureFolder'
import { headless, tiny } from '../run/tiny'

let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-report-'))
  const controller = new AbortController()
  await runPlan(tiny(), {
    out: join(root, 'run'),
    backend: 'cpu',
    signal: controller.signal,
    onEvent: (event: RunEvent) => event.event === 'step' && event.step === 3 && controller.abort('SIGINT'),
  })()
})
afterAll(() => rmSync(root, { recursive: true }))

const reportOf = async (folder = join(root, 'run')): Promise<string> => {
  const result = await runReport(registry, folder)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const openedOf = async (plan: ReturnType<typeof tiny>): Promise<Opened> => {
  const result = await openPlan(plan)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const headings = (html: string) => [...html.matchAll(/<h[12]>(.*?)<\/h[12]>/g)].map(([, text]) => text)

test('a run that is on its way has a report, and so has one that is done', async () => {
  appendFileSync(join(root, 'run', 'metrics.jsonl'), '{"step":4,"lo')
  expect(headings(await reportOf())[0]).toBe('tiny: report of a run at step 3 of 6')
  const done = await runPlan(tiny(), { resume: join(root, 'run'), backend: 'cpu' })()
  expect(E.isRight(done)).toBe(true)
  expect(headings(await reportOf())[0]).toBe('tiny: report of a run')
})

test('it holds curves, schedules, views, pipeline and environment, in less than 5 MB and without anything from elsewhere', async () => {
  const html = await reportOf()
  expect(headings(html)).toEqual(
    expect.arrayContaining([
      'Losses',
      'knn',
      'Schedules',
      'Views and masks',
      'What the network has learnt',
      'Pipeline',
      'Environment',
    ]),
  )
  for (const title of ['loss', 'knn', 'emaTeacher.momentum']) expect(html).toContain(`aria-label="${title}"`)
  expect(html).toMatch(/<th>adamw.lr<\/th><td>0.001<\/td>/)
  expect(html).toMatch(/<th>backend<\/th><td>cpu<\/td>/)
  expect(html).toMatch(/<th>machine.threads<\/th><td>\d+<\/td>/)
  expect(html).toContain('- vit:\n      patch: 4')
  expect(html.match(/<img src="data:image\//g)!.length).toBeGreaterThanOrEqual(4 * 4)
  // Three pictures with two heads, and the patches nearest to prototypes.
  for (const alt of ['attention maps', 'patches nearest to prototypes'])
    expect(html).toMatch(new RegExp(`<img src="data:image/[^>]*alt="${alt},`))
  expect(html).not.toMatch(/<link|https?:\/\//)
  expect(html.length).toBeLessThan(5e6)
})

test('a damaged picture takes no section away: the one stands in its place that training took, and the file is named', async () => {
  const pictures = await pictureFolder(24)
  onTestFinished(() => rmSync(pictures, { recursive: true }))
  const data = imageFolder({ path: pictures, channels: 1 })
  const damaged = tiny({ source: data, test: data, maxBad: 0.1 })
  const { source, design, span } = await openedOf(damaged)
  const { image } = occurrencesOf(design.training.meaning, source.count, span)(0)[0]!
  const file = source.path!(image!)
  writeFileSync(file, 'no picture')
  const out = join(root, 'damaged')
  expect(E.isRight(await runPlan(damaged, { out, backend: 'cpu' })())).toBe(true)
  const html = await reportOf(out)
  const sections = await reportOf()
  expect(headings(html).slice(1)).toEqual(headings(sections).slice(1))
  expect(html).toContain(`${file} cannot be decoded`)
  expect(html).toContain('another picture stands in its place, as in training.')
  expect(html.match(/alt="global 1 of picture/g)).toHaveLength(4)
  for (const alt of ['attention maps', 'patches nearest to prototypes']) expect(html).toContain(`alt="${alt},`)
})

test('text from files stays text', async () => {
  const about = join(root, 'run', 'run.json')
  const before = readFileSync(about, 'utf8')
  writeFileSync(about, before.replace(/"seed": 0/, '"seed": "<script>alert(1)</script>"'))
  const html = await reportOf()
  writeFileSync(about, before)
  expect(html).not.toContain('<script>')
  expect(html).toContain('&lt;script>alert(1)&lt;/script>')
})

test('it is not made to its end where it is told to stop, wherever it is', async () => {
  for (const after of [0, 20, 60]) {
    const controller = new AbortController()
    const report = runReport(registry, join(root, 'run'), controller.signal)()
    if (after === 0) controller.abort('SIGTERM')
    else setTimeout(() => controller.abort('SIGTERM'), after)
    expect(await report).toMatchObject({
      left: { _tag: 'Stopped', signal: 'SIGTERM', message: "the run's report was not made" },
    })
  }
})

test('a network without a head has no prototypes, and its report says so; without a teacher it shows the student', async () => {
  const out = join(root, 'headless')
  const done = await runPlan(headless(), { out, backend: 'cpu' })()
  expect(E.isRight(done)).toBe(true)
  const html = await reportOf(out)
  expect(html).toContain('alt="attention maps,')
  expect(html).toContain('The student after 2 steps.')
  expect(html).toContain('<h3>Prototypes</h3><p class="note">the pipeline has no projection head, and so no prototypes.</p>')
})

test('without its record there is no report, and the message says what is missing', async () => {
  expect(await runReport(registry, join(root, 'none'))()).toMatchObject({
    left: { _tag: 'Missing', message: expect.stringMatching(/^cannot read the run's record .*run\.json: there is no such file/) },
  })
})
