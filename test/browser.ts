/** A browser without a window for tests of pages: the system's chromium, or the one in a package, where either can start. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [process.env.IBOT_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A root user, as in containers, has no sandbox. */
const OWN_ARGUMENTS = ['--no-sandbox']

const launched = async (): Promise<Browser> => {
  const system = PLACES.find((path) => path !== undefined && existsSync(path))
  if (system !== undefined) return chromium.launch({ executablePath: system, args: OWN_ARGUMENTS })
  const { default: packaged } = await import('@sparticuz/chromium')
  return chromium.launch({ executablePath: await packaged.executablePath(), args: OWN_ARGUMENTS })
}

/** The browser, or why there is none, which is said on stderr beside what isn't tested for it. */
export const openBrowser = async (untested: string): Promise<Browser | undefined> => {
  try {
    return await launched()
  } catch (error) {
    process.stderr.write(`${untested}: no browser starts here (IBOT_CHROMIUM names one): ${String(error).split('\n')[0]}\n`)
    return undefined
  }
}
