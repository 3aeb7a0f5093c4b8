/** The site of the docs: it builds, has all pages, and whatever a page links is there. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slug } from '../../site/slug'
import { DOCS, ROOT, read } from './documents'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.gz': 'application/gzip',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Serves the files of a folder. */
const served = async (folder: string): Promise<Server> => {
  const server = createServer(({ url }, response) => {
    const path = join(folder, decodeURI(new URL(url!, 'http://site').pathname))
    const type = TYPES[extname(path)]
    if (type !== undefined && existsSync(path)) response.setHeader('content-type', type).end(readFileSync(path))
    else response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return server
}

/** The browser in a package; undefined where it doesn't start. */
const openBrowser = async (): Promise<Browser | undefined> => {
  try {
    const executablePath = await (await import('@sparticuz/chromium')).default.executablePath()
    return await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  } catch {
    return undefined
  }
}

describe('npm run docs:build', () => {
  let out: string
  const page = (name: string): string => readFileSync(join(out, name), 'utf8')

  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'ibot-site-'))
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
    const { status, stdout, stderr } = spawnSync(`${scripts['docs:build']} --outDir ${out}`, {
      cwd: ROOT,
      encoding: 'utf8',
      shell: true,
      env: { ...process.env, NODE_ENV: 'production', PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}` },
    })
    expect(status, `${stdout}${stderr}`).toBe(0)
  }, 300_000)
  afterAll(() => rmSync(out, { recursive: true, force: true }))

  test('it has a page for each of the docs, and shows pipelines and examples', () => {
    const pages = [...DOCS.map((file) => file.slice('docs/'.length)), 'bench.md', 'changelog.md', 'contributing.md']
    const files = [
      'files/pipelines/quickstart.yaml.md',
      'files/pipelines/eval/linear-fashion-mnist.yaml.md',
      'files/examples/invert.mjs.md',
    ]
    expect([...pages, ...files].filter((name) => !existsSync(join(out, name.replace(/md$/, 'html'))))).toEqual([])
  })

  test('each of the docs is in the sidebar', () => {
    const shown = page('tutorial.html')
    const names = DOCS.map((file) => file.slice('docs/'.length, -'.md'.length)).filter((name) => name !== 'index')
    expect(names.filter((name) => !shown.includes(`href="/${name}.html"`))).toEqual([])
  })

  test('what its pages link and show is there, anchors too', () => {
    const pages = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
    const astray = pages.flatMap((name) => {
      const text = page(name)
      return [...text.matchAll(/(?:href|src)="(\/[^"]*|#[^"]+)"/g)]
        .map(([, link]) => link!)
        .filter((link) => {
          const [path, anchor] = link.split('#')
          const file = path === '' ? name : path === '/' ? 'index.html' : path!.slice(1)
          if (!existsSync(join(out, file))) return true
          return anchor !== undefined && anchor !== '' && !page(file).includes(`id="${decodeURIComponent(anchor)}"`)
        })
        .map((link) => `${name}: ${link}`)
    })
    expect(pages.length).toBeGreaterThan(40)
    expect(astray).toEqual([])
  })

  test('in a browser it searches, turns dark, fits a small screen, and has no errors', { timeout: 120_000 }, async ({ skip }) => {
    const browser = await openBrowser()
    if (browser === undefined) return skip('no browser starts here')
    const server = await served(out)
    try {
      const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const visited = await browser.newPage({ viewport: { width: 390, height: 800 } })
      const errors: string[] = []
      visited.on('pageerror', ({ message }) => errors.push(message))
      visited.on('response', (response) => response.status() >= 400 && errors.push(response.url()))
      for (const name of ['index', 'concepts', 'ops', 'commands', 'try']) {
        await visited.goto(`${at}/${name}.html`, { waitUntil: 'networkidle' })
        expect(await visited.evaluate('document.documentElement.scrollWidth'), name).toBe(390)
      }
      // The worker of the page in which pipelines are trained looks at what is written there.
      await visited.locator('textarea').fill('name: [')
      await visited.locator('.wrong', { hasText: 'pipeline.yaml:1:' }).waitFor()
      await visited.setViewportSize({ width: 1280, height: 800 })
      await visited.click('.VPSwitchAppearance >> visible=true')
      expect(await visited.locator('.train-in-tab').getAttribute('data-theme')).toBe('dark')
      expect(await visited.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark')
      await visited.click('.DocSearch-Button')
      await visited.fill('.search-input', 'sinkhornKnopp')
      await visited.click('.results a[href*="sinkhornknopp"]')
      await visited.waitForURL(`${at}/ops.html#sinkhornknopp`)
      await expect.poll(() => visited.workers().length).toBe(0)
      expect(errors).toEqual([])
    } finally {
      server.close()
      await browser.close()
    }
  })

  test('words of the docs are found by its search', () => {
    const [index] = readdirSync(join(out, 'assets', 'chunks')).filter((name) => /^@localSearchIndex/.test(name))
    const searched = readFileSync(join(out, 'assets', 'chunks', index!), 'utf8')
    for (const word of ['sinkhornknopp', 'fingerprint', 'replay']) expect(searched.toLowerCase()).toContain(word)
  })
})

test.each([
  ["XLA's plugins", 'xlas-plugins'],
  ['Features for other programs: ibot features', 'features-for-other-programs-ibot-features'],
  ['What there is, and what there isn’t', 'what-there-is-and-what-there-isnt'],
  ['Self-distillation of [CLS]', 'self-distillation-of-cls'],
  ['a_b – c', 'a_b--c'],
])('the anchor of %s is %s, as on GitHub', (heading, anchor) => {
  expect(slug(heading)).toBe(anchor)
})
