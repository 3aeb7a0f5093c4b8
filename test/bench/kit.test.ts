/** The kit for machines with a GPU: its parts are small, its programs start elsewhere, and its tries end in time. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROGRAMS } from '../../bench/kit/bundle'
import { clothes } from '../../bench/kit/clothes'
import { PARTS } from '../../bench/kit/parts'
import { LIMIT, sizeOf } from '../../bench/kit/size'
import { inTurn, type Line, type Try } from '../../bench/kit/try'

/** What Node.js takes, compressed by the weaker of the two compressors. */
const NODE = 37e6

describe('a kit without Node.js', () => {
  let kit = ''
  beforeAll(async () => {
    kit = mkdtempSync(join(tmpdir(), 'ibot-kit-'))
    for (const { write } of PARTS) await write(kit)
  }, 60_000)
  afterAll(() => rmSync(kit, { recursive: true, force: true }))

  /** A program of the kit, as on a machine that has nothing. */
  const program = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(kit, PROGRAMS, 'kit.js'), ...args], { cwd: tmpdir(), encoding: 'utf8', env: {} })

  test('is small enough for one with it', async () => {
    expect(await sizeOf(kit)).toBeLessThan(LIMIT - NODE)
  })

  test('has a script that a shell reads', () => {
    expect(spawnSync('sh', ['-n', join(kit, 'run.sh')]).status).toBe(0)
  })

  test('has programs that start without what the checkout has, and says what it tries', () => {
    const { status, stdout, stderr } = program('tries', '--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/doctor[\s\S]*steps[\s\S]*official[\s\S]*fashion-mnist[\s\S]*vit-s-ours[\s\S]*data/)
  })

  test('has the pictures of fashion-mnist.yaml, which fit its pipeline', () => {
    const sets = [`dataset=${clothes(kit, 'train')}`, `knn.test=${clothes(kit, 'test')}`].flatMap((set) => ['--set', set])
    const { status, stderr } = program('ibot', 'check', join(kit, 'pipelines', 'fashion-mnist.yaml'), ...sets)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

describe('what is tried in turn', () => {
  const CONTEXT = { small: true, pictures: undefined, kit: '', folder: '', device: 'cpu' } as const
  const done: Try = { name: 'done', doc: '', limit: 60, run: async (_, tell) => tell({ ok: true }) }
  const fails: Try = { ...done, name: 'fails', run: () => Promise.reject(new Error('it broke')) }
  const hangs: Try = { ...done, name: 'hangs', limit: 5, run: () => new Promise(() => undefined) }
  const wrong: Try = { ...done, name: 'wrong', run: async (_, tell) => tell({ ok: false }) }

  const told = async (tries: readonly Try[], seconds: number) => {
    const lines: Line[] = []
    return { sound: await inTurn(tries, CONTEXT, seconds, (line) => lines.push(line)), lines }
  }

  test('goes on after what fails and what hangs, and says so', async () => {
    const { sound, lines } = await told([fails, hangs, done], 60)
    expect(sound).toBe(false)
    expect(lines).toMatchObject([
      { try: 'fails', failed: expect.stringContaining('it broke') },
      { try: 'hangs', failed: 'it was not done after 5 s' },
      { try: 'done', ok: true },
    ])
  })

  test('begins nothing without time', async () => {
    expect(await told([done], 1)).toMatchObject({ sound: true, lines: [{ try: 'done', notRun: 'no time is left' }] })
  })

  test('is not sound where numbers are wrong', async () => {
    expect(await told([wrong, done], 60)).toMatchObject({ sound: false })
  })
})
