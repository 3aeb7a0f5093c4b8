/** Training in a browser's tab: the same losses, k-NN and weights as those of `ibot run` by WebAssembly. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sampleFiles } from '../../browser/tab/sample'
import { random } from '../../src/base/random'
import { exportRun } from '../../src/export/export'
import { FASHION_CLASSES } from '../../src/io/fashionFiles'
import { parse } from '../../src/io/safetensors'
import { registry } from '../../src/ops/registry'
import { readDesign } from '../../src/program/design'
import { runDesign } from '../../src/run/runDesign'
import { readCurves } from '../../src/store/curves'
import { openBrowser, WEBGPU } from '../browser'
import { begin, curve, ended, openTab, type Served, served, type Tab } from './served'

const STEPS = 30
const ROOT = join(__dirname, '..', '..')
const TEXT = readFileSync(join(ROOT, 'browser', 'tab', 'pipeline.yaml'), 'utf8')

/** The page's own pipeline, as short as a test wants it. */
const SHORT = TEXT.replace('steps: 600', `steps: ${STEPS}`)
  .replace('fashionMnist: test', 'fashionMnist: { split: test, subset: 10% }')
  .replace('bank: 2000', 'bank: 200')
  .replace('every: 150 steps', 'every: 15 steps')

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

/** Number by number to 1e-3. */
const expectClose = (here: readonly (number | null)[], there: readonly (number | null)[]): void => {
  expect(here).toHaveLength(there.length)
  for (const [i, value] of there.entries()) expect(Math.abs(here[i]! - value!), `number ${i}`).toBeLessThan(1e-3)
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

  // What the page begins with is a pipeline of Node as it is.
  right(readDesign(registry, 'pipeline.yaml', TEXT))
  const { design } = right(readDesign(registry, 'pipeline.yaml', onDisk(site.folder)))
  const run = join(root, 'run')
  right(await runDesign(design, { out: run, backend: 'wasm' })())
  const { curves } = right(await readCurves(join(run, 'metrics.jsonl'), STEPS)())
  for (const [chart, name, count] of [
    ['loss', 'loss', STEPS],
    ['loss', 'maskedImageModeling.loss', STEPS],
    ['knn', 'knn.accuracy', 3],
  ] as const) {
    const there = curves.get(name)!.map(({ value }) => value)
    expect(there).toHaveLength(count)
    expectClose(await curve(tab, chart, name), there)
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

/** A folder of small PNG pictures of two classes, to train on and to test with; one of them is damaged, and some files are none. */
const pngFolder = async (): Promise<string> => {
  const folder = join(root, 'my pets')
  for (let i = 0; i < 20; i++) {
    const draw = random(0, 'pictures', i)
    const [width, height] = [20 + draw.integer(20), 20 + draw.integer(20)]
    const pixels = Uint8Array.from({ length: width * height * 3 }, () => draw.integer(256))
    const place = join(folder, i < 14 ? 'train' : 'val', i % 2 === 0 ? 'cat' : 'dog')
    mkdirSync(place, { recursive: true })
    await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(join(place, `${i}.png`))
  }
  writeFileSync(join(folder, 'train', 'cat', 'damaged.png'), readFileSync(join(folder, 'train', 'cat', '0.png')).subarray(0, 60))
  writeFileSync(join(folder, 'train', 'cat', 'notes.txt'), 'cats')
  writeFileSync(join(folder, '.hidden.png'), '')
  return folder
}

/** Drops a folder on the page, as the system does it. */
const dropOn = async ({ page }: Tab, folder: string): Promise<void> => {
  const { x, y } = (await page.locator('.drop').boundingBox())!
  const session = await page.context().newCDPSession(page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      ...{ type, x: x + 5, y: y + 5 },
      data: { items: [], files: [folder], dragOperationsMask: 1 },
    })
}

const choose = async ({ page }: Tab, folder: string): Promise<string> => {
  const before = await page.locator('textarea').inputValue()
  await page.locator('input[type=file]').setInputFiles(folder)
  await expect.poll(() => page.locator('textarea').inputValue()).not.toBe(before)
  return page.locator('textarea').inputValue()
}

test('a folder is trained as imageFolder reads it in Node; a damaged picture is left out, and told', {
  timeout: 60_000,
}, async () => {
  const folder = await pngFolder()
  const tab = await openTab(browser!, site)
  await dropOn(tab, folder)
  await expect.poll(() => tab.page.locator('textarea').inputValue()).toContain('name: mine')
  const offered = await tab.page.locator('textarea').inputValue()
  expect(offered).toContain('imageFolder: "my pets/train"')
  expect(offered).toContain('test: { imageFolder: "my pets/val" }')
  expect(await tab.page.locator('.dropped').textContent()).toMatch(/^my pets: 2\d files\./)
  // Half of them may be damaged: of so few one is much.
  const text = offered.replace('batch: 15, steps: 600', 'batch: 5, steps: 3, maxBad: 0.5')

  await begin(tab, text)
  expect(await ended(tab), (await tab.page.locator('.wrong').textContent())!).toMatch(/^mine: 3 steps done/)
  expect(await tab.page.locator('.notes').textContent()).toMatch(
    /my pets\/train\/cat\/damaged\.png cannot be decoded: .*left out/,
  )

  const { design } = right(readDesign(registry, 'pipeline.yaml', text.replaceAll('my pets', folder)))
  const run = join(root, 'folder')
  right(await runDesign(design, { out: run, backend: 'wasm' })())
  const { curves } = right(await readCurves(join(run, 'metrics.jsonl'), 3)())
  expectClose(
    await curve(tab, 'loss', 'loss'),
    curves.get('loss')!.map(({ value }) => value),
  )
  expectClose(
    await curve(tab, 'knn', 'knn.accuracy'),
    curves.get('knn.accuracy')!.map(({ value }) => value),
  )
  expect(tab.errors).toEqual([])
})

test('what is wrong is said in words with its place, while one writes and when one trains; then another text trains', async () => {
  const tab = await openTab(browser!, site)
  const { page } = tab
  const wrong = page.locator('.wrong')
  const write = (text: string): Promise<void> => page.locator('textarea').fill(text)

  await write(SHORT.replace('width: 64', 'widht: 64'))
  await expect.poll(() => wrong.textContent()).toMatch(/^pipeline\.yaml:15:22 {2}.*'widht'[\s\S]*\^{5}[\s\S]*width/)
  await write(SHORT)
  await expect.poll(() => wrong.isVisible()).toBe(false)

  for (const [text, said] of [
    [
      SHORT.replace('fashionMnist: train', 'parquet: data.parquet'),
      /pipeline\.yaml:4:5 .*'parquet' is not to be had in a browser[\s\S]*imageFolder/,
    ],
    [SHORT.replace('fashionMnist: train', 'imageFolder: cats'), /pipeline\.yaml:4:5 .*cats: no folder was dropped on this page/],
    [SHORT.replace('batch: 32', 'batch: 32, microBatch: 8'), /pipeline\.yaml:28:25 {2}a tab computes whole batches/],
    [`${SHORT}  - log: { mlflow: { url: 'http://127.0.0.1:5000' } }\n`, /pipeline\.yaml:30:5 {2}a tab sends nothing/],
    [SHORT.replace('batch: 32', 'batch: 5000'), /a batch of 5000 is larger than the data set, which has 4000 pictures/],
    ['name: [', /pipeline\.yaml:1:/],
  ] as const) {
    await begin(tab, text)
    expect(await ended(tab)).toBe('It ended: what is wrong is below the pipeline.')
    expect(await wrong.textContent()).toMatch(said)
  }

  const empty = join(root, 'empty')
  mkdirSync(empty)
  writeFileSync(join(empty, 'a.txt'), 'none')
  await begin(tab, await choose(tab, empty))
  await ended(tab)
  expect(await wrong.textContent()).toMatch(/empty holds no pictures: 1 file with \.txt/)
  expect(tab.errors).toEqual([])
})

/** A network that trains in a moment. */
const TINY = `name: tiny
pipeline:
  - dataset: { shapes: { count: 60, size: 16 } }
  - views: { global: [{ times: 2, augment: [randomResizedCrop: { size: 16, scale: [0.4, 1] }] }] }
  - masking: { mixture: [none, block: { ratio: [0.1, 0.5] }] }
  - vit: { patch: 8, width: 16, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: 16 }, hidden: 16, bottleneck: 8 }
  - emaTeacher: { momentum: { cosine: { from: 0.9, to: 1 } } }
  - clsDistillation: { target: [center: 0.9, sharpen: 0.04] }
  - maskedImageModeling: { target: [center: 0.9, sharpen: 0.04] }
  - adamw: { lr: 1e-3, weightDecay: 0.04 }
  - train: { batch: 8, steps: 4, seed: 0 }
`

test('a training is stopped, its network stays, and another one begins anew', async () => {
  const tab = await openTab(browser!, site)
  const { page } = tab
  await begin(tab, TINY.replace('steps: 4', 'steps: 5000'))
  await expect.poll(() => page.locator('.status').textContent()).toMatch(/step \d+ of 5,000/)
  expect(await page.locator('.start').isDisabled()).toBe(true)
  await page.locator('.stop').click()
  expect(await ended(tab)).toMatch(/^tiny: stopped after \d+ steps? of 5,000/)
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.weights').click()])
  expect(right(parse(readFileSync(await download.path()))).tensors.has('cls_token')).toBe(true)
  await begin(tab, TINY)
  expect(await ended(tab)).toMatch(/^tiny: 4 steps done/)
  expect(await curve(tab, 'loss', 'loss')).toHaveLength(4)
  const [pipeline] = await Promise.all([page.waitForEvent('download'), page.locator('.yaml').click()])
  expect([pipeline.suggestedFilename(), readFileSync(await pipeline.path(), 'utf8')]).toEqual(['pipeline.yaml', TINY])
  expect(tab.errors).toEqual([])
})

test('WebGPU gives the same losses; without one WebAssembly computes, and that is said', { timeout: 120_000 }, async () => {
  const tab = await openTab(browser!, site)
  await begin(tab, TINY)
  await ended(tab)
  const wasm = await curve(tab, 'loss', 'loss')
  await begin(tab, TINY, 'auto')
  expect(await ended(tab, 90_000)).toMatch(/^tiny: 4 steps done by WebGPU/)
  expectClose(await curve(tab, 'loss', 'loss'), wasm)
  expect(tab.errors).toEqual([])

  const without = await openBrowser('a browser without WebGPU is not tested')
  try {
    const poor = await openTab(without!, site)
    await begin(poor, TINY, 'auto')
    expect(await ended(poor)).toMatch(/^tiny: 4 steps done by WebAssembly/)
    expect(await poor.page.locator('.notes').textContent()).toMatch(/^without WebGPU, on WebAssembly, which is slower: /)
    expectClose(await curve(poor, 'loss', 'loss'), wasm)
  } finally {
    await without?.close()
  }
})
