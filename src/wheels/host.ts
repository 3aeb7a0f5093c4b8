/** The machine and the user's settings, as far as they decide which wheels fit and where they go. */
import { resolve } from 'node:path'
import { cacheFolder } from '../base/cacheFolder'

export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** The version of the GNU C library; none on other systems, or where another C library is used. */
  readonly glibc: string | undefined
  /** The folder of all caches of this program. */
  readonly cache: string
}

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
})

/** Major, minor. */
export type Glibc = readonly [major: number, minor: number]

/** Whether the GNU C library is new enough; systems that aren't Linux need none. */
export const hasGlibc = ({ platform, glibc }: Host, [oldest, minor]: Glibc): boolean => {
  if (platform !== 'linux') return true
  const [major = 0, its = 0] = (glibc ?? '').split('.').map(Number)
  return major > oldest || (major === oldest && its >= minor)
}
