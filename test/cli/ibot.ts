/** The built command, run as a process of its own in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export const ROOT = join(__dirname, '..', '..')
export const BIN = join(ROOT, 'bin', 'ibot.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const { FORCE_COLOR: _force, NO_COLOR: _no, CI: _ci, NODE_OPTIONS: _options, ...quiet } = process.env

export interface Started extends Promise<Ended> {
  readonly process: ChildProcess
  /** Resolves when stdout has this text, with all that it has. */
  readonly said: (text: string) => Promise<string>
}

export const start = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Started => {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: { ...quiet, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const waiting: (() => void)[] = []
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  const said = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => stdout.includes(text) && resolve(stdout)
      waiting.push(look)
      look()
      void ended.then(() => reject(new Error(`it ended without saying ${text}:\n${stderr}`)))
    })
  return Object.assign(ended, { process: child, said })
}

/** A new folder with these files, removed when the test has finished. */
export const folder = (files: Readonly<Record<string, string | Uint8Array>> = {}): string => {
  const path = mkdtempSync(join(tmpdir(), 'ibot-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return path
}

/** Lets modules in a folder import `ibot/define`. */
export const linkIbot = (path: string): void => {
  mkdirSync(join(path, 'node_modules'))
  symlinkSync(ROOT, join(path, 'node_modules', 'ibot'))
}

/** `ibot ARGS` in a new folder in which there is tiny.yaml. */
export const ibot = (...args: readonly string[]): Promise<Ended> => start(folder({ 'tiny.yaml': TINY }), args)

/** An environment in which TensorFlow's library isn't found. */
export const WITHOUT_TENSORFLOW = { PATH: '', IBOT_TENSORFLOW: '', IBOT_CACHE: join(tmpdir(), 'ibot-cli-nothing') }

/** A pipeline whose step takes a few milliseconds. */
export const TINY = `name: tiny
pipeline:
  - dataset: { shapes: { count: 24, size: 8 } }
  - views:
      global: [{ times: 2, augment: { randomResizedCrop: { size: 8 } } }]
      local: [{ times: 2, augment: { randomResizedCrop: { size: 4 } } }]
  - masking: { block: { ratio: 0.5 } }
  - vit: { patch: 4, width: 8, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: { prototypes: 16 } }, hidden: 16, bottleneck: 8 }
  - emaTeacher
  - clsDistillation
  - maskedImageModeling
  - adamw: { lr: { piecewise: [{ linear: { from: 0, to: 5e-4, for: 2 steps } }, { cosine: { from: 5e-4, to: 1e-6 } }] } }
  - train: { batch: 8, steps: 4 }
  - knn: { test: { shapes: { count: 12, size: 8, seed: 1 } }, k: 3 }
`
