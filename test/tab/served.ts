/** The page that trains in a tab, built and served below a path, as a site's base is one; and what a browser makes of it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { buildTab } from '../../site/tab'
import type { Drawing } from '../../src/report/drawing'

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' }

/** A page of others, with the place in which pipelines are trained. */
const HOST = `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>:root { color-scheme: light dark } body { margin: 1rem auto; max-width: 1100px }</style>
<div id="tab"></div>
<script type="module">
  import { mount } from './tab/page.js'
  window.tab = mount(document.getElementById('tab'))
</script>
</html>`

export interface Served {
  /** The folder with all that is served. */
  readonly folder: string
  readonly url: string
  readonly close: () => void
}

export const served = async (): Promise<Served> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-tab-'))
  await buildTab(join(folder, 'tab'))
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url!, 'http://site')
    const path = join(folder, decodeURI(pathname).replace(/^\/docs\//, ''))
    if (pathname === '/docs/try.html') response.setHeader('content-type', 'text/html').end(HOST)
    else if (pathname.startsWith('/docs/tab/') && existsSync(path))
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream').end(readFileSync(path))
    else response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    folder: join(folder, 'tab'),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/docs/try.html`,
    close: () => {
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export interface Tab {
  readonly page: Page
  /** What the console said of errors, and what was asked for elsewhere. */
  readonly errors: readonly string[]
}

/** Opens the page; `dark` and a width for those who look at it. */
export const openTab = async (
  browser: Browser,
  { url }: Served,
  { dark = false, width = 1200 }: { readonly dark?: boolean; readonly width?: number } = {},
): Promise<Tab> => {
  const context = await browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height: 900 },
    acceptDownloads: true,
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()))
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on(
    'request',
    (request) =>
      !request.url().startsWith(new URL('.', url).href) &&
      !/^(data|blob):/.test(request.url()) &&
      errors.push(`asks for ${request.url()}`),
  )
  page.on('response', (response) => response.status() >= 400 && errors.push(`${response.status()} ${response.url()}`))
  await page.goto(url)
  return { page, errors }
}

/** Trains what a text says. */
export const begin = async ({ page }: Tab, text: string, on: 'auto' | 'wasm' = 'wasm'): Promise<void> => {
  await page.locator('textarea').fill(text)
  await page.locator('.on').selectOption(on)
  await page.locator('.start').click()
}

/** Waits until nothing trains any more; gives what the page says of it. */
export const ended = async ({ page }: Tab, timeout = 30_000): Promise<string> => {
  await page.locator('.start:not([disabled])').waitFor({ timeout })
  return (await page.locator('.status').textContent())!
}

/** The values of a curve, as the page's chart holds them. */
export const curve = async ({ page }: Tab, chart: string, name: string): Promise<readonly (number | null)[]> => {
  const text = await page.locator(`figure[data-chart="${chart}"] script[type="application/json"]`).textContent()
  const { lines } = JSON.parse(text!) as Drawing
  return lines.find((line) => line.name === name)!.values
}
