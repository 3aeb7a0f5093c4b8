import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/engine/backends'
import { withoutTensorFlow } from '../engine'
import { GOLDEN } from '../reference'
import { withoutPlugin } from '../xla/plugin'
import { useEngine } from './backend'
import { passed } from './check'
import { fixtureNames } from './fixture'
import { type Outcome, runFolder, succeeded } from './run'
import { subjectOf } from './subjects'
import { lines } from './table'

const root = join(__dirname, '..', '..')
const temporary = mkdtempSync(join(tmpdir(), 'parity-'))
let folder = temporary
beforeEach(() => {
  folder = mkdtempSync(join(temporary, 'case-'))
})
afterAll(() => {
  rmSync(temporary, { recursive: true })
})

const run = async (
  directory: string,
  backend: Backend,
  only: readonly string[] = [],
  devices = 1,
): Promise<readonly Outcome[]> => {
  expect(E.isRight(await useEngine(backend, devices))).toBe(true)
  const outcomes = await runFolder(directory, only, () => undefined)
  return E.isRight(outcomes) ? outcomes.right : []
}

/** All lines of failures: what a test prints when something is wrong. */
const failures = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap((outcome) =>
    outcome.built ? lines({ ...outcome, checks: outcome.checks.filter((check) => !passed(check)) }, true) : [],
  )

const copied = (name: string, change: (bytes: Buffer) => Buffer = (bytes) => bytes): void => {
  copyFileSync(join(GOLDEN, `${name}.json`), join(folder, `${name}.json`))
  writeFileSync(join(folder, `${name}.safetensors`), change(readFileSync(join(GOLDEN, `${name}.safetensors`))))
}

/** What the command prints and exits with. */
const command = (...given: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'test/parity/main.ts', ...given], { cwd: root }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })

describe('the numbers of the reference', () => {
  it('are those of WebAssembly', async () => {
    const outcomes = await run(GOLDEN, 'wasm')
    expect(failures(outcomes)).toEqual([])
    expect(succeeded(outcomes)).toBe(true)
    const names = fixtureNames(GOLDEN)
    const known = (E.isRight(names) ? names.right : []).filter((name) => subjectOf(name) !== undefined)
    expect(known.length).toBeGreaterThanOrEqual(20)
    expect(outcomes.filter(({ built }) => built).map(({ fixture }) => fixture)).toEqual(known)
  })

  it('are those of plain JavaScript', async () => {
    // What depends on the backend; one of the long runs is enough.
    const outcomes = await run(GOLDEN, 'cpu', ['vit_forward', 'head', 'loss', 'train_default_heads', 'linear_eval', 'checkpoint'])
    expect(failures(outcomes)).toEqual([])
    expect(succeeded(outcomes)).toBe(true)
  })

  // Single ops are recorded one by one; a whole run is compiled.
  it
    .skipIf(withoutTensorFlow !== undefined)
    .each(['vit_forward_gamma', 'swin_forward', 'head', 'loss', 'knn', 'linear_eval', 'train', 'checkpoint'])(
    "are those of TensorFlow's graph: %s",
    async (name) => {
      const outcomes = await run(GOLDEN, 'tensorflow', [name])
      expect(failures(outcomes)).toEqual([])
      expect(succeeded(outcomes)).toBe(true)
    },
    120_000,
  )

  // A program is compiled for each, which takes a while; the command without --only runs all of them.
  it.skipIf(withoutPlugin).each([
    ['head_shared_bn', 1],
    ['vit_forward_gamma', 1],
    ['train_unshared', 2],
  ])(
    "are those of XLA's program: %s, on %i of its devices",
    async (name, devices) => {
      const outcomes = await run(GOLDEN, 'xla', [name], devices)
      expect(failures(outcomes)).toEqual([])
      expect(succeeded(outcomes)).toBe(true)
    },
    120_000,
  )
})

describe('the check itself', () => {
  it('fails for one number that is wrong', async () => {
    copied('head_relu')
    expect(succeeded(await run(folder, 'cpu'))).toBe(true)
    copied('head_relu', (bytes) => {
      // The last array of the file is an output: a bit of the exponent of its last number.
      bytes[bytes.length - 1]! ^= 0x01
      return bytes
    })
    const outcomes = await run(folder, 'cpu')
    expect(succeeded(outcomes)).toBe(false)
    expect(failures(outcomes)).toHaveLength(1)
  })

  it('fails for a file that is cut off, and for one that is missing', async () => {
    copied('head_relu', (bytes) => bytes.subarray(0, bytes.length - 100))
    copyFileSync(join(GOLDEN, 'loss.json'), join(folder, 'loss.json'))
    const outcomes = await run(folder, 'cpu')
    expect(failures(outcomes).map((line) => /(?:head_relu|loss)\.safetensors.*$/.exec(line)?.[0])).toEqual([
      expect.stringContaining('the file is cut off'),
      'loss.safetensors is missing',
    ])
  })

  it('fails for a description without its parts, and for one that is not JSON', async () => {
    writeFileSync(join(folder, 'knn.json'), '{ "tolerance": {}, "config": { "classes": 3 } }')
    writeFileSync(join(folder, 'loss.json'), '{ "tolerance": ')
    const outcomes = await run(folder, 'cpu')
    expect(failures(outcomes).map((line) => line.replace(/^.*?(knn|loss)\.json/, '$1.json'))).toEqual([
      expect.stringMatching(/^knn\.json: config\.\w+ is missing or wrong$/),
      expect.stringMatching(/^loss\.json: /),
    ])
  })

  it('fails where nobody compares with an array of results', async () => {
    copied('head_relu')
    const description = JSON.parse(readFileSync(join(folder, 'head_relu.json'), 'utf8'))
    const bytes = readFileSync(join(folder, 'head_relu.safetensors')).toString('latin1')
    writeFileSync(join(folder, 'head_relu.safetensors'), bytes.replace('"out/train/cls"', '"out/train/new"'), 'latin1')
    description.tensors = {}
    writeFileSync(join(folder, 'head_relu.json'), JSON.stringify(description))
    expect(succeeded(await run(folder, 'cpu'))).toBe(false)
  })

  it('calls a fixture not built that it knows nothing of', async () => {
    copied('schedules')
    writeFileSync(join(folder, 'convnet.json'), '{ "tolerance": {} }')
    const outcomes = await run(folder, 'cpu')
    expect(outcomes.map(({ fixture, built }) => [fixture, built])).toEqual([
      ['convnet', false],
      ['schedules', true],
    ])
    expect(lines(outcomes[0]!, false).join()).toContain('not built')
    expect(succeeded(outcomes)).toBe(true)
  })
})

describe('the command', () => {
  it('prints a table and exits with 0 where all is right, and with 1 where a file is damaged', async () => {
    copied('schedules')
    const right = await command(folder)
    expect(right).toMatchObject({ code: 0, err: '' })
    expect(right.out).toMatch(/ok +schedules/)
    copied('head_relu', (bytes) => bytes.subarray(0, 9))
    const wrong = await command(folder)
    expect(wrong.code).toBe(1)
    expect(wrong.out).toMatch(/FAILED +head_relu/)
    expect(wrong.out + wrong.err).not.toMatch(/^ +at /m)
  })

  it.each([
    ['an empty directory', () => folder, 'no fixture to run'],
    ['no directory', () => join(folder, 'nowhere'), 'there is no directory'],
  ])('exits with 1 for %s', async (_, directory, message) => {
    const { code, err } = await command(directory())
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
