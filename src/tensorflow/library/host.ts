/** The machine and the user's settings, as far as they decide where the library is and which one fits. */
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { attempt } from '../../base/attempt'
import { cacheFolder } from '../../base/cacheFolder'

export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** The version of the GNU C library; none on other systems, or where another C library is used. */
  readonly glibc: string | undefined
  /** The folder of all caches of this program. */
  readonly cache: string
  /** The folder of the npm package @tensorflow/tfjs-node-gpu, where there is one. */
  readonly tfjsNode: string | undefined
}

const tfjsNode = (): string | undefined =>
  attempt(() => dirname(createRequire(join(__dirname, 'host.js')).resolve('@tensorflow/tfjs-node-gpu/package.json')))

const glibc = (): string | undefined => {
  if (process.platform !== 'linux') return undefined
  // Names of network interfaces take long where there are many, and tell nothing here.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}

/** This machine, and the environment of this process. */
export const thisHost = (): Host => ({
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  glibc: glibc(),
  cache: resolve(cacheFolder()),
  tfjsNode: tfjsNode(),
})
