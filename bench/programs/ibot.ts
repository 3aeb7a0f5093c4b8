/** `ibot run` as a process of its own, as a user starts it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { ProgramFailed, ProgramMissing } from './child'

const ROOT = join(__dirname, '..', '..')
/** With which `ibot` says that what a run needs isn't there. */
const MISSING = 3

/** The arguments that shorten a run. */
export const stepsGiven = (steps: number | undefined): readonly string[] =>
  steps === undefined ? [] : ['--set', `train.steps=${steps}`]

/** Ends when the process has ended well. */
const ended = (given: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'ibot.js'), ...given], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        said = `${said}${text}`.slice(-1000)
      })
    child.on('error', reject)
    child.on('close', (code) => {
      const Problem = code === MISSING ? ProgramMissing : ProgramFailed
      if (code === 0) resolve()
      else reject(new Problem(`ibot ${given.join(' ')}: ${said.trim()}`))
    })
  })

/** Runs a pipeline; gives its seconds from start to end, and what `look` finds in the run's folder, which is then removed. */
export const ibotRun = async <A>(
  file: string,
  options: readonly string[],
  look: (run: string) => Promise<A>,
): Promise<{ readonly seconds: number; readonly found: A }> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  const run = join(folder, 'run')
  try {
    const began = performance.now()
    await ended(['run', file, '--out', run, '--json', '--no-download', ...options])
    return { seconds: (performance.now() - began) / 1000, found: await look(run) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
