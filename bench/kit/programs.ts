/** The kit's programs, each a process of its own; and what they say. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Command, ProgramFailed } from '../programs/child'
import type { Context } from './try'

const KIT = join(__dirname, 'kit.js')

export const kitProgram = (name: string, args: readonly string[], { signal }: Pick<Context, 'signal'>): Command => ({
  file: process.execPath,
  args: ['--expose-gc', KIT, name, ...args],
  signal,
})

/** How much of a program's complaints is told. */
const LAST = 1500

/** Runs a program to its end and hears each line; any other exit code than those is a failure. */
export const heard = (
  { file, args, env = {}, signal }: Command,
  onLine: (line: string) => void,
  codes: readonly number[] = [0],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    })
    let complaints = ''
    createInterface({ input: child.stdout }).on('line', onLine)
    child.stderr.on('data', (text) => {
      complaints = `${complaints}${text}`.slice(-LAST)
    })
    child.on('error', reject)
    child.on('close', (code, killed) => {
      if (code !== null && codes.includes(code)) resolve()
      else reject(new ProgramFailed(`${args.slice(2).join(' ')} ended with ${killed ?? code}: ${complaints.trim()}`))
    })
  })
