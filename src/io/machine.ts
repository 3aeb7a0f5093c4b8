/** What this machine is: processor and memory, as the operating system tells it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { attempt } from '../base/attempt'

/** What makes matrices fast, the newest last; the names are those of Linux. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'avx512_fp16', 'amx_bf16', 'amx_int8'],
  arm64: ['asimd', 'asimdhp', 'asimddp', 'bf16', 'i8mm', 'sve', 'sve2', 'sme'],
}

/** Apple's names for some of them. */
const APPLE: Readonly<Record<string, string>> = {
  AdvSIMD: 'asimd',
  'arm.AdvSIMD': 'asimd',
  'arm.FEAT_FP16': 'asimdhp',
  'arm.FEAT_DotProd': 'asimddp',
  'arm.FEAT_BF16': 'bf16',
  'arm.FEAT_I8MM': 'i8mm',
  'arm.FEAT_SME': 'sme',
}

export interface Cpu {
  readonly model: string
  /** How many threads this process may run at once. */
  readonly threads: number
  /** Those of `known` that it has; nothing where the system doesn't tell. */
  readonly features: readonly string[] | undefined
  readonly known: readonly string[]
}

export interface Memory {
  readonly total: number
  readonly free: number
}

/** How many threads this process may run at once: IBOT_THREADS where it is set, else one a core. */
export const threadCount = (env: NodeJS.ProcessEnv = process.env): number => {
  const asked = Number(env.IBOT_THREADS)
  return Number.isInteger(asked) && asked >= 1 ? asked : availableParallelism()
}

/** What a library is told of threads: as many as IBOT_THREADS says, or 0, as many as it likes. */
export const ownThreads = (env: NodeJS.ProcessEnv = process.env): number =>
  env.IBOT_THREADS === undefined ? 0 : threadCount(env)

/** The features in the text of /proc/cpuinfo. */
export const featuresOfCpuinfo = (text: string, arch: string): readonly string[] | undefined => {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/)
  return flags === undefined ? undefined : (FEATURES[arch] ?? []).filter((name) => flags.includes(name))
}

/** The features in what `sysctl hw.optional` prints. */
export const featuresOfSysctl = (text: string): readonly string[] => {
  const found = [...text.matchAll(/^hw\.optional\.([\w.]+): 1$/gm)].map(([, name]) => APPLE[name!])
  return FEATURES.arm64!.filter((name) => found.includes(name))
}

const featuresOf = (platform: NodeJS.Platform, arch: string): readonly string[] | undefined => {
  if (platform === 'linux') return attempt(() => featuresOfCpuinfo(readFileSync('/proc/cpuinfo', 'utf8'), arch))
  if (platform === 'darwin' && arch === 'arm64')
    return attempt(() =>
      featuresOfSysctl(execFileSync('sysctl', ['hw.optional'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
    )
  return undefined
}

export const cpu = (platform: NodeJS.Platform = process.platform, arch: string = process.arch): Cpu => ({
  model: cpus()[0]?.model.trim() || 'unknown',
  threads: threadCount(),
  features: featuresOf(platform, arch),
  known: FEATURES[arch] ?? [],
})

/** Bytes that may be taken, in the text of /proc/meminfo. */
export const availableOfMeminfo = (text: string): number | undefined => {
  const kilobytes = /^MemAvailable:\s*(\d+) kB$/m.exec(text)?.[1]
  return kilobytes === undefined ? undefined : 1024 * Number(kilobytes)
}

/** Bytes of memory; a limit on this process, as containers have it, counts as all there is. */
export const memory = (): Memory => {
  const limit = process.constrainedMemory()
  const total = limit > 0 && limit < totalmem() ? limit : totalmem()
  const available = attempt(() => availableOfMeminfo(readFileSync('/proc/meminfo', 'utf8'))) ?? freemem()
  return { total, free: Math.min(available, total) }
}
