/** Pages as a browser shows them: they are whole without a network, and their charts answer. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as E from 'fp-ts/Either'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { registry } from '../../src/ops/registry'
import { runReport } from '../../src/report/run'
import { serve } from '../../src/report/watch/serve'
import { watchRun } from '../../src/report/watch/watched'
import { runPlan } from '../../src/run/run'
import { openBrowser } from '../browser'
import { tiny } from '../run/tiny'

const STEPS = 12

/** Screenshots for people, where a folder for them is named. */
const SHOTS = process.env.IBOT_SCREENSHOTS

let browser: Browser | undefined
let root: string
let run: string
let file: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ibot-pages-'))
  run = join(root, 'run')
  file = join(root, 'report.html')
  browser = await openBrowser('pages are not looked at in a browser')
  if (browser === undefined) return
  expect(E.isRight(await runPlan(tiny({ steps: STEPS }), { out: run, backend: 'cpu' })())).toBe(true)
  const page = await runReport(registry, run)()
  if (E.isLeft(page)) throw new Error(JSON.stringify(page.left))
  writeFileSync(file, page.right)
})
afterAll(async () => {
  await browser?.close()
  rmSync(root, { recursive: true })
})

/** What a page said and asked for. */
interface Heard {
  readonly page: Page
  readonly errors: readonly string[]
  readonly requests: readonly string[]
}

const open = async (
  url: string,
  options: { readonly dark?: boolean; readonly width?: number; readonly script?: boolean } = {},
): Promise<Heard> => {
  const context = await browser!.newContext({
    colorScheme: options.dark === true ? 'dark' : 'light',
    viewport: { width: options.width ?? 1280, height: 900 },
    javaScriptEnabled: options.script ?? true,
  })
  const page = await context.newPage()
  const errors: string[] = []
  const requests: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('request', (request) => !request.url().startsWith('data:') && requests.push(request.url()))
  await page.goto(url)
  return { page, errors, requests }
}
const openReport = (options?: Parameters<typeof open>[1]) => open(pathToFileURL(file).href, options)
const shoot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}
beforeEach(({ skip }) => skip(browser === undefined, 'no browser starts here'))
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close()
})

const CHART = 'figure[data-chart="loss"]'
/** Where the plotting area of a chart is. */
const areaOf = async (page: Page, chart = CHART) => {
  const area = page.locator(`${chart} .u-over`)
  await area.scrollIntoViewIfNeeded()
  const box = await area.boundingBox()
  if (box === null) throw new Error('the chart is not there')
  return box
}
/** Moves the pointer to a share of a chart's width. */
const point = async (page: Page, share: number): Promise<void> => {
  const { x, y, width, height } = await areaOf(page)
  await page.mouse.move(x + share * width, y + height / 2, { steps: 3 })
}
const pixels = async (page: Page, chart = CHART): Promise<string> =>
  page.locator(`${chart} canvas`).evaluate((canvas) => (canvas as unknown as { toDataURL: () => string }).toDataURL())
const paper = (page: Page): Promise<string> =>
  page.locator('body').evaluate((body) => {
    const { getComputedStyle } = globalThis as unknown as { getComputedStyle: (of: unknown) => { backgroundColor: string } }
    return getComputedStyle(body).backgroundColor
  })

describe('a report in a browser', () => {
  test('opens without an error and asks for nothing, wide and narrow; nothing is wider than the page', async () => {
    for (const [name, options] of [
      ['light', {}],
      ['dark', { dark: true }],
      ['narrow', { width: 400 }],
    ] as const) {
      const { page, errors, requests } = await openReport(options)
      await page.locator(`${CHART} canvas`).waitFor()
      await shoot(page, name)
      expect({ errors, requests }).toEqual({ errors: [], requests: [pathToFileURL(file).href] })
      const wider = await page.locator('html').evaluate((html) => {
        const { scrollWidth, clientWidth } = html as unknown as { scrollWidth: number; clientWidth: number }
        return scrollWidth - clientWidth
      })
      expect(wider).toBe(0)
    }
  })

  test('may not ask for anything, whatever is put into it', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked++
      response.end()
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    onTestFinished(() => void server.close())
    const elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { page, errors } = await openReport()
    await page.evaluate(async (url) => {
      const { document, fetch } = globalThis as unknown as {
        readonly document: { readonly body: { readonly insertAdjacentHTML: (at: string, html: string) => void } }
        readonly fetch: (url: string) => Promise<unknown>
      }
      document.body.insertAdjacentHTML('beforeend', `<img src="${url}"><img src="data:," onerror="document.title = 1">`)
      await fetch(url).catch(() => undefined)
    }, elsewhere)
    // The picture, what it would do by its attribute, and what the script asks for.
    await expect.poll(() => errors.filter((error) => error.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3)
    expect(asked).toBe(0)
    expect(await page.title()).toBe('tiny: report of a run')
  })

  test('tells the values under the pointer, in all charts those of the same step', async () => {
    const { page } = await openReport()
    const last = await page.locator(`${CHART} output`).first().textContent()
    await point(page, 0.5)
    await expect.poll(() => page.locator(`${CHART} .at`).textContent()).toBe(`step ${STEPS / 2}`)
    const curves: readonly Readonly<Record<string, number>>[] = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { loss, gradientNorm } = Object.assign({}, ...curves.filter(({ step }) => step === STEPS / 2))
    expect(Number(await page.locator(`${CHART} output`).first().textContent())).toBeCloseTo(loss, 2)
    const other = page.locator('figure[data-chart="gradientNorm"]')
    expect(await other.locator('.at').textContent()).toBe(`step ${STEPS / 2}`)
    expect(Number(await other.locator('output').textContent()) / gradientNorm).toBeCloseTo(1, 2)
    // Away from the chart the newest ones are told.
    await page.mouse.move(2, 2)
    await expect.poll(() => page.locator(`${CHART} output`).first().textContent()).toBe(last)
  })

  test('shows a range of steps that is dragged over, in all charts, and the whole run again', async () => {
    const { page } = await openReport()
    const drag = async (): Promise<void> => {
      await point(page, 0.5)
      await page.mouse.down()
      await point(page, 0.75)
      await page.mouse.up()
    }
    const whole = page.locator('button.whole')
    const other = 'figure[data-chart="gradientNorm"]'
    const before = await pixels(page, other)
    expect(await whole.isDisabled()).toBe(true)
    await drag()
    await expect.poll(() => whole.isEnabled()).toBe(true)
    await expect.poll(() => pixels(page, other)).not.toBe(before)
    // The middle is that of the range now: between steps 6 and 9.
    await point(page, 0.5)
    await expect.poll(() => page.locator(`${CHART} .at`).textContent()).toMatch(/^step [78]$/)
    await shoot(page, 'zoomed')
    await whole.click()
    await expect.poll(() => pixels(page, other)).toBe(before)
    await drag()
    await expect.poll(() => whole.isEnabled()).toBe(true)
    const { x, y } = await areaOf(page)
    await page.mouse.dblclick(x + 50, y + 50)
    await expect.poll(() => whole.isDisabled()).toBe(true)
  })

  test('has logarithmic axes where a curve has values above 0, smooths curves, and hides those that are clicked', async () => {
    const { page, errors } = await openReport()
    const plain = await pixels(page)
    const log = page.locator(`${CHART} button.log`)
    await log.click()
    expect(await log.getAttribute('aria-pressed')).toBe('true')
    expect(await pixels(page)).not.toBe(plain)
    await log.click()
    expect(await log.getAttribute('aria-pressed')).toBe('false')

    const last = await page.locator(`${CHART} output`).first().textContent()
    await page.locator('.tools input').fill('0.9')
    await expect.poll(() => page.locator(`${CHART} output`).first().textContent()).not.toBe(last)
    await page.locator('.tools input').fill('0')
    await expect.poll(() => page.locator(`${CHART} output`).first().textContent()).toBe(last)

    const entry = page.locator(`${CHART} [data-line="1"]`)
    await entry.focus()
    await page.keyboard.press('Enter')
    expect(await entry.getAttribute('aria-pressed')).toBe('false')
    await expect.poll(() => pixels(page)).not.toBe(plain)
    expect(errors).toEqual([])
  })

  test('is dark where the system is, or by its switch, charts and all', async () => {
    const WHITE = 'rgb(255, 255, 255)'
    const { page } = await openReport()
    const light = await pixels(page)
    expect(await paper(page)).toBe(WHITE)
    const button = page.locator('button.theme')
    for (const [theme, isLight] of [
      ['light', true],
      ['dark', false],
      ['auto', true],
    ] as const) {
      await button.click()
      expect(await button.textContent()).toBe(`theme: ${theme}`)
      expect((await paper(page)) === WHITE).toBe(isLight)
      await expect.poll(async () => (await pixels(page)) === light).toBe(isLight)
    }
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await paper(page)).not.toBe(WHITE)
    await expect.poll(() => pixels(page)).not.toBe(light)
  })

  test('prints, in light colours, and shows its charts as drawings there and where no script runs', async () => {
    const { page } = await openReport({ dark: true })
    const drawing = page.locator(`${CHART} svg`)
    expect(await drawing.isVisible()).toBe(false)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(50_000)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await drawing.isVisible()).toBe(true)
    expect(await page.locator(`${CHART} canvas`).isVisible()).toBe(false)
    expect(await paper(page)).toBe('rgb(255, 255, 255)')
    await page.setViewportSize({ width: 794, height: 1123 })
    await shoot(page, 'print')

    const still = await openReport({ script: false })
    expect(await still.page.locator(`${CHART} svg`).isVisible()).toBe(true)
    expect(await still.page.locator('.tools').isVisible()).toBe(false)
    await still.page.locator('details summary').first().click()
    expect(await still.page.locator('.drawn li').first().isVisible()).toBe(true)
    expect(still.errors).toEqual([])
  })
})

describe('a run that is watched', () => {
  test('is followed by its page: numbers and charts go on, and what was chosen stays', async () => {
    const watched = join(root, 'watched')
    const controller = new AbortController()
    await runPlan(tiny({ steps: STEPS }), {
      out: watched,
      backend: 'cpu',
      signal: controller.signal,
      onEvent: (event) => event.event === 'step' && event.step === 4 && controller.abort('SIGINT'),
    })()
    const ending = new AbortController()
    const served = await serve(watchRun(registry, watched, ending.signal), 0, ending.signal)()
    if (E.isLeft(served)) throw new Error(JSON.stringify(served.left))
    const { page, errors, requests } = await open(served.right.url)
    expect(await page.title()).toBe(`tiny: report of a run at step 4 of ${STEPS}`)
    expect(await page.locator('code').textContent()).toBe(`ibot run --resume ${watched}`)
    await page.locator(`${CHART} button.log`).click()
    await page.locator('#views-and-masks .row').first().waitFor()
    await page.locator('details summary').first().click()

    expect(E.isRight(await runPlan(tiny({ steps: STEPS }), { resume: watched, backend: 'cpu' })())).toBe(true)
    await expect.poll(() => page.title(), { timeout: 15_000 }).toBe('tiny: report of a run')
    await point(page, 0.99)
    await expect.poll(() => page.locator(`${CHART} .at`).textContent()).toBe(`step ${STEPS}`)
    expect(await page.locator(`${CHART} button.log`).getAttribute('aria-pressed')).toBe('true')
    expect(await page.locator(`${CHART} canvas`).count()).toBe(1)
    expect(await page.locator('details').first().getAttribute('open')).not.toBe(null)
    await page.locator('#what-the-network-has-learnt img').first().waitFor({ timeout: 30_000 })
    expect(await page.locator('.news').textContent()).toMatch(/^live, /)
    await shoot(page, 'watched')
    expect(errors).toEqual([])
    expect(requests.filter((url) => !url.startsWith(served.right.url))).toEqual([])

    ending.abort('SIGINT')
    await served.right.ended
    await expect.poll(() => page.locator('.news').textContent(), { timeout: 15_000 }).toMatch(/^not live/)
  })
})
