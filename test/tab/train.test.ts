/** Training in a browser's tab: the same losses, k-NN and weights as those of `ibot run` by WebAssembly. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sampleFiles } from '../../browser/tab/sample'
import { exportRun } from '../../src/export/export'
import { FASHION_CLASSES } from '../../src/io/fashionFiles'
import { parse } from '../../src/io/safetensors'
import { registry } from '../../src/ops/registry'
import { readDesign } from '../../src/program/design'
import { runDesign } from '../../src/run/runDesign'
import { readCurves } from '../../src/store/curves'
import { openBrowser, WEBGPU } from '../browser'
import { pictureFolder } from '../loader/pictureFolder'
import { begin, curve, ended, openTab, type Served, served } from './served'

const STEPS = 30
const ROOT = join(__dirname, '..', '..')
const TEXT = readFileSync(join(ROOT, 'browser', 'tab', 'pipeline.yaml'), 'utf8')

/** The page's own pipeline, as short as a test wants it. */
const SHORT = TEXT.replace('steps: 300', `steps: ${STEPS}`)
  .replace('subset: 50%', 'subset: 10%')
  .replace('bank: 2000', 'bank: 200')
  .replace('every: 100 steps', 'every: 15 steps')

/** The same with the files of the sample by their names, for Node. */
const onDisk = (folder: string): string => {
  const files = (split: 'train' | 'test'): string => {
    const { images, labels } = sampleFiles(split)
    return `images: ${join(folder, images)}, labels: ${join(folder, labels)}, classes: ${JSON.stringify(FASHION_CLASSES)}`
  }
  return SHORT.replace('fashionMnist: train', `idx: { ${files('train')} }`).replace(
    'fashionMnist: { split: test,',
    `idx: { ${files('test')},`,
  )
}

/** Screenshots for people, where a folder for them is named. */
const SHOTS = process.env.IBOT_SCREENSHOTS

const right = <A>(found: E.Either<unknown, A>): A => {
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left))
  return found.right
}

let browser: Browser | undefined
let site: Served
let root: string
beforeAll(async () => {
  browser = await openBrowser('training in a tab is not tested', WEBGPU)
  if (browser === undefined) return
  root = mkdtempSync(join(tmpdir(), 'ibot-in-node-'))
  site = await served()
})
afterAll(async () => {
  await browser?.close()
  if (browser === undefined) return
  site.close()
  rmSync(root, { recursive: true })
})
beforeEach(({ skip }) => skip(browser === undefined, 'no browser starts here'))
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close()
})

test('thirty steps give the losses, the k-NN and the weights of a run in Node', { timeout: 120_000 }, async () => {
  const tab = await openTab(browser!, site)
  await begin(tab, SHORT)
  expect(await ended(tab, 60_000)).toBe(
    `tab: ${STEPS} steps done by WebAssembly. The network is here until this page is left: download it.`,
  )

  const { design } = right(readDesign(registry, 'pipeline.yaml', onDisk(site.folder)))
  const run = join(root, 'run')
  right(await runDesign(design, { out: run, backend: 'wasm' })())
  const { curves } = right(await readCurves(join(run, 'metrics.jsonl'), STEPS)())
  for (const [chart, name, count] of [
    ['loss', 'loss', STEPS],
    ['loss', 'maskedImageModeling.loss', STEPS],
    ['knn', 'knn.accuracy', 3],
  ] as const) {
    const here = await curve(tab, chart, name)
    expect(here).toHaveLength(count)
    const there = curves.get(name)!.map(({ value }) => value)
    for (const [i, value] of there.entries()) expect(Math.abs(here[i]! - value), `${name} ${i}`).toBeLessThan(1e-3)
  }

  const [download] = await Promise.all([tab.page.waitForEvent('download'), tab.page.locator('.weights').click()])
  expect(download.suggestedFilename()).toBe('tab-teacher.safetensors')
  const mine = right(parse(readFileSync(await download.path())))
  const { path } = right(
    await exportRun(registry, run, { to: 'safetensors', withHead: false, download: false, tell: () => undefined })(),
  )
  const theirs = right(parse(readFileSync(path)))
  expect(mine.metadata).toEqual(theirs.metadata)
  expect([...mine.tensors.keys()]).toEqual([...theirs.tensors.keys()])
  for (const [name, { shape, data }] of theirs.tensors) {
    expect(mine.tensors.get(name)!.shape).toEqual(shape)
    const far = (data as Float32Array).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - Number(mine.tensors.get(name)!.data[i]))),
      0,
    )
    expect(far, name).toBeLessThan(1e-3)
  }
  expect(await tab.page.locator('#views-and-masks .hatched').count()).toBeGreaterThan(0)
  expect(await tab.page.locator('#attention .heads img').count()).toBe(3 * 4 * 2)
  if (SHOTS !== undefined) await tab.page.screenshot({ path: join(SHOTS, 'tab.png'), fullPage: true })
  expect(tab.errors).toEqual([])
})
