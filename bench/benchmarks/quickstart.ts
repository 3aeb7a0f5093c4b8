/** The whole of `ibot run pipelines/quickstart.yaml`, from its start to its summary, on two backends. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Benchmark } from '../benchmark'
import { alternate, compared, share } from '../compare'
import { ProgramFailed, ProgramMissing } from '../programs/child'

const ROUNDS = 1
const ROOT = join(__dirname, '..', '..')
/** With which `ibot` says that what a run needs isn't there. */
const MISSING = 3
const [FAST, SLOW] = ['tensorflow', 'wasm'] as const

/** Seconds of one run, in a folder that is removed. */
const timed = async (backend: string, steps: number | undefined): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  const shortened = steps === undefined ? [] : ['--set', `train.steps=${steps}`]
  const given = [
    'run',
    'pipelines/quickstart.yaml',
    '--backend',
    backend,
    '--out',
    join(folder, 'run'),
    '--json',
    '--no-download',
    ...shortened,
  ]
  const began = performance.now()
  try {
    await new Promise<void>((resolve, reject) => {
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
    return (performance.now() - began) / 1000
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const name = 'quickstart'

export const quickstart: Benchmark = {
  name,
  doc: `${FAST} ÷ ${SLOW}, seconds of the whole process of pipelines/quickstart.yaml`,
  run: async ({ rounds = ROUNDS, steps }) => {
    const seen = await alternate(
      () => timed(FAST, steps),
      () => timed(SLOW, steps),
      rounds,
    )
    return [{ name, ...compared(seen, share), unit: 's', rounds }]
  },
}
