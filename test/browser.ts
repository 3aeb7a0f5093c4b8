/** A browser without a window for tests of pages: the system's chromium, or the one in a package, where either can start. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [process.env.IBOT_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const PACKAGE = join(__dirname, '..', 'node_modules', '@sparticuz', 'chromium', 'package.json')

/**
 * The package's chromium, unpacked once for all tests. It is unpacked into a folder of one's own, which takes its name when it is
 * whole: several tests may do so at once.
 */
const packaged = async (): Promise<string> => {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'))
  const folder = join(tmpdir(), `ibot-chromium-${version}`)
  if (existsSync(folder)) return join(folder, 'chromium')
  const { TMPDIR } = process.env
  const own = mkdtempSync(`${folder}-`)
  try {
    // Where the package unpacks.
    process.env.TMPDIR = own
    await (await import('@sparticuz/chromium')).default.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
  try {
    renameSync(own, folder)
  } catch {
    // Another one was faster.
    rmSync(own, { recursive: true })
  }
  return join(folder, 'chromium')
}

/** By which the packaged browser computes WebGPU on the processor. */
export const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'] as const

/** The browser, or undefined where none starts; then stderr says what isn't tested for it. */
export const openBrowser = async (untested: string, args: readonly string[] = []): Promise<Browser | undefined> => {
  try {
    const executablePath = PLACES.find((path) => path !== undefined && existsSync(path)) ?? (await packaged())
    // A root user, as in containers, has no sandbox.
    return await chromium.launch({ executablePath, args: ['--no-sandbox', ...args] })
  } catch (error) {
    process.stderr.write(`${untested}: no browser starts here (IBOT_CHROMIUM names one): ${String(error).split('\n')[0]}\n`)
    return undefined
  }
}
