/** Compiled programs: made once, and kept from one start of ibot to the next. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { version } from '../../base/version'
import { writeAtomically } from '../../io/files'
import type { XlaClient, XlaDevice } from '../../xla/client'
import type { CompileOptions } from '../../xla/compileOptions'
import { XlaError } from '../../xla/error'
import { compile, deserialize, type XlaExecutable } from '../../xla/executable'
import { COMPILER_FLAGS, lowered, type Program } from '../../xla/stablehlo/lowered'
import type { Processes } from '../collective'

/** Where programs are compiled, and what is told of it. */
export interface Compiler {
  readonly client: XlaClient
  /** Where compiled programs are kept. */
  readonly cache: string
  readonly notify: (message: string) => void
  /** Those whose devices exchange values with this one's; by default none. */
  readonly processes?: Processes | undefined
}

const SUFFIX = '.xla'

/**
 * The numbers of the devices that a program runs on, [replica][partition]: as many replicas in each process, or all of them in this
 * one. Undefined where there is only one process, and the plugin may choose.
 */
export const placesOf = (
  { processes, devices }: Pick<XlaClient, 'processes'> & { readonly devices: readonly Pick<XlaDevice, 'id'>[] },
  { replicas = 1, partitions = 1 }: Pick<Program, 'replicas' | 'partitions'>,
  meets: boolean,
): CompileOptions['devices'] => {
  if (processes.length === 1) return undefined
  const computing = meets ? processes : [devices.map(({ id }) => id)]
  const each = Array.from({ length: replicas / computing.length }, (_, i) => i * partitions)
  return computing.flatMap((ids) => each.map((from) => ids.slice(from, from + partitions)))
}

/** XLA's compilers for GPUs share out among processes what they try, and wait for one another; but not all compile the same. */
const EACH_ALONE = { xla_gpu_shard_autotuning: false } as const
const GPUS: readonly string[] = ['cuda', 'rocm', 'gpu']

const flagsOf = ({ platform, processes }: XlaClient): NonNullable<CompileOptions['flags']> => {
  if (platform === 'cpu') return COMPILER_FLAGS
  return processes.length > 1 && GPUS.includes(platform.toLowerCase()) ? EACH_ALONE : {}
}

/** What a compiled program depends on: for another plugin or device it is another one. */
const keyOf = (
  { client: { plugin, platform, platformVersion, devices } }: Compiler,
  text: string,
  { partitions = 1, devices: places }: CompileOptions,
): string => {
  const hash = createHash('sha256')
  const kinds = devices.slice(0, partitions).map(({ kind }) => kind)
  // XLA reads flags of its own from the environment.
  const flags = [COMPILER_FLAGS, process.env.XLA_FLAGS ?? '']
  const all = [version, plugin.version, plugin.attributes, platform, platformVersion, kinds, flags]
  hash.update(JSON.stringify(places === undefined ? all : [...all, places], bigintText))
  return hash.update(text).digest('hex')
}

const bigintText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

/** How many compiled programs are kept: those that were used last. Each takes some megabytes. */
const MOST = 100

/** The program as it was kept; undefined if it wasn't, or can't be used. */
const kept = async ({ client }: Compiler, file: string): Promise<XlaExecutable | undefined> => {
  const bytes = await fs.readFile(file).catch(() => undefined)
  if (bytes === undefined) return undefined
  try {
    const executable = await deserialize(client, bytes)
    const now = new Date()
    await fs.utimes(file, now, now).catch(() => undefined)
    return executable
  } catch (error) {
    // Damaged, or of a plugin that only looks like this one: it is made again.
    if (error instanceof XlaError) return undefined
    throw error
  }
}

/** Removes the programs of a folder that weren't used for the longest time. Another process may do the same. */
const prune = async (folder: string): Promise<void> => {
  const names = (await fs.readdir(folder)).filter((name) => name.endsWith(SUFFIX))
  if (names.length <= MOST) return
  const used = await Promise.all(
    names.map(async (name) => ({ name, time: (await fs.stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  )
  const old = used.sort((a, b) => b.time - a.time).slice(MOST)
  await Promise.all(old.map(({ name }) => fs.rm(join(folder, name), { force: true })))
}

/** A program as bytes; undefined where the plugin gives none. */
const bytesOf = (executable: XlaExecutable): Promise<Uint8Array | undefined> =>
  executable.serialize().catch((error) => {
    if (error instanceof XlaError) return undefined
    throw error
  })

/** Keeps a program. A full disk or a plugin that gives no bytes costs time at the next start, and nothing else. */
const keep = async (cache: string, file: string, executable: XlaExecutable): Promise<void> => {
  const bytes = await bytesOf(executable)
  if (bytes === undefined) return
  await fs.mkdir(cache, { recursive: true }).catch(() => undefined)
  await writeAtomically(file, bytes)()
  await prune(cache).catch(() => undefined)
}

/** Seconds from which on it is told that something is compiled. */
const LONG = 3

/** A program that was kept, or is compiled now and kept. */
const ownProgram = async (compiler: Compiler, text: string, options: CompileOptions, what: string): Promise<XlaExecutable> => {
  const { client, cache, notify } = compiler
  const file = join(cache, `${keyOf(compiler, text, options)}${SUFFIX}`)
  const before = await kept(compiler, file)
  if (before !== undefined) return before
  const began = performance.now()
  const waiting = setTimeout(() => notify(`XLA compiles ${what}, which is kept for the next start …`), LONG * 1000)
  try {
    const executable = await compile(client, text, options)
    const seconds = (performance.now() - began) / 1000
    if (seconds >= LONG) notify(`XLA compiled ${what} in ${seconds.toFixed(1)} s`)
    await keep(cache, file, executable)
    return executable
  } finally {
    clearTimeout(waiting)
  }
}

/** How long processes wait for the first one to compile a program. */
const PATIENCE_MS = 30 * 60_000

/** What is given in the place of a program that can't be given. */
const NONE = new Uint8Array(0)

/**
 * The program that all processes run: the first one has it, and gives it to the others. Were it compiled in each of them, one
 * might exchange values in another order than the others, and all would wait for ever.
 */
const sharedProgram = async (
  client: XlaClient,
  { rank, store }: Processes,
  text: string,
  own: () => Promise<XlaExecutable>,
): Promise<XlaExecutable> => {
  const key = `program/${createHash('sha256').update(text).digest('hex')}`
  if (rank > 0) {
    const bytes = await store.get(key, PATIENCE_MS)
    return bytes.length === 0 ? own() : deserialize(client, bytes)
  }
  let bytes: Uint8Array | undefined
  try {
    const executable = await own()
    bytes = await bytesOf(executable)
    return executable
  } finally {
    await store.put(key, bytes ?? NONE)
  }
}

/**
 * A program ready to run. `what` says in a sentence which it is: `the step`; one that `meets` exchanges values with other processes,
 * which run it at the same time.
 */
export const compiledProgram = (compiler: Compiler, program: Program, what: string, meets = false): Promise<XlaExecutable> => {
  const { client, processes } = compiler
  const { partitions = 1, replicas = 1 } = program
  const text = lowered(program)
  const devices = placesOf(client, program, meets)
  const options = { replicas, partitions, flags: flagsOf(client), ...(devices === undefined ? {} : { devices }) }
  const own = () => ownProgram(compiler, text, options, what)
  return !meets || processes === undefined ? own() : sharedProgram(client, processes, text, own)
}
