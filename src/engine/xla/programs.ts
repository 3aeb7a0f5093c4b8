/** Compiled programs: made once, and kept from one start of ibot to the next. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { version } from '../../base/version'
import { writeAtomically } from '../../io/files'
import type { XlaClient } from '../../xla/client'
import { XlaError } from '../../xla/error'
import { compile, deserialize, type XlaExecutable } from '../../xla/executable'
import { COMPILER_FLAGS, lowered, type Program } from '../../xla/stablehlo/lowered'

/** Where programs are compiled, and what is told of it. */
export interface Compiler {
  readonly client: XlaClient
  /** Where compiled programs are kept. */
  readonly cache: string
  readonly notify: (message: string) => void
}

const SUFFIX = '.xla'

/** What a compiled program depends on: for another plugin or device it is another one. */
const keyOf = (
  { client: { plugin, platform, platformVersion, devices } }: Compiler,
  text: string,
  partitions: number,
): string => {
  const hash = createHash('sha256')
  const kinds = devices.slice(0, partitions).map(({ kind }) => kind)
  // XLA reads flags of its own from the environment.
  const flags = [COMPILER_FLAGS, process.env.XLA_FLAGS ?? '']
  hash.update(JSON.stringify([version, plugin.version, plugin.attributes, platform, platformVersion, kinds, flags], bigintText))
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

/** Keeps a program. A full disk or a plugin that gives no bytes costs time at the next start, and nothing else. */
const keep = async (cache: string, file: string, executable: XlaExecutable): Promise<void> => {
  const bytes = await executable.serialize().catch((error) => {
    if (error instanceof XlaError) return undefined
    throw error
  })
  if (bytes === undefined) return
  await fs.mkdir(cache, { recursive: true }).catch(() => undefined)
  await writeAtomically(file, bytes)()
  await prune(cache).catch(() => undefined)
}

/** Seconds from which on it is told that something is compiled. */
const LONG = 3

/** A program ready to run. `what` says in a sentence which it is: `the step`. */
export const compiledProgram = async (compiler: Compiler, program: Program, what: string): Promise<XlaExecutable> => {
  const { client, cache, notify } = compiler
  const { partitions = 1 } = program
  const text = lowered(program)
  const file = join(cache, `${keyOf(compiler, text, partitions)}${SUFFIX}`)
  const before = await kept(compiler, file)
  if (before !== undefined) return before
  const began = performance.now()
  const waiting = setTimeout(() => notify(`XLA compiles ${what}, which is kept for the next start …`), LONG * 1000)
  try {
    const executable = await compile(client, text, { partitions, flags: client.platform === 'cpu' ? COMPILER_FLAGS : {} })
    const seconds = (performance.now() - began) / 1000
    if (seconds >= LONG) notify(`XLA compiled ${what} in ${seconds.toFixed(1)} s`)
    await keep(cache, file, executable)
    return executable
  } finally {
    clearTimeout(waiting)
  }
}
