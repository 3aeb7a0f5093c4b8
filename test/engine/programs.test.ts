/** Programs that XLA compiled are kept for the next start; what is damaged is made again, what is old goes. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiledProgram } from '../../src/engine/xla/programs'
import { DTYPE } from '../../src/graph/dtype'
import { newGraph } from '../../src/graph/graph'
import { output } from '../../src/graph/operation'
import { fromHost, toHost } from '../../src/xla/buffer'
import type { XlaClient } from '../../src/xla/client'
import { launch } from '../../src/xla/execute'
import { testClient, withoutPlugin } from '../xla/plugin'

describe.skipIf(withoutPlugin)('a compiled program', () => {
  let client: XlaClient
  let root: string
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'ibot-programs-'))
    client = await testClient(1)
  })
  afterAll(() => {
    client.dispose()
    rmSync(root, { recursive: true })
  })

  /** The program that adds a number to three others, by what it gives for 1, 2, 3. */
  const given = async (cache: string, added: number): Promise<readonly number[]> => {
    const graph = newGraph()
    const x = graph.placeholder('x', DTYPE.float32, [3])
    const sum = output(graph.add('Add', [x, graph.constant(DTYPE.float32, [], Float32Array.of(added))]))
    const program = { operations: graph.operations, parameters: [{ of: x.of }], results: [{ of: sum }] }
    const executable = await compiledProgram({ client, cache, notify: () => undefined }, program, 'a sum')
    const one = await fromHost(client, Float32Array.of(1, 2, 3), 'float32', [3], client.devices[0]!)
    const [[result]] = (await launch(executable, [[one]])) as [[typeof one]]
    const values = Array.from((await toHost(result)) as Float32Array)
    for (const { dispose } of [one, result, executable]) dispose()
    return values
  }

  it('is kept once for each program, and used again', async () => {
    const cache = join(root, 'new', 'folder')
    expect(await given(cache, 1)).toEqual([2, 3, 4])
    const [name, ...others] = readdirSync(cache)
    expect(others).toEqual([])
    const made = statSync(join(cache, name!)).ino
    expect(await given(cache, 1)).toEqual([2, 3, 4])
    expect(statSync(join(cache, name!)).ino).toBe(made)
    expect(await given(cache, 5)).toEqual([6, 7, 8])
    expect(readdirSync(cache).length).toBe(2)
  })

  it('that is damaged is compiled again', async () => {
    const cache = join(root, 'damaged')
    await given(cache, 1)
    const file = join(cache, readdirSync(cache)[0]!)
    const bytes = readFileSync(file)
    for (const damaged of [
      bytes.subarray(0, bytes.length / 2),
      Buffer.from('nothing'),
      Buffer.alloc(0),
      bytes.map((b, i) => (i === 99 ? b ^ 1 : b)),
    ]) {
      writeFileSync(file, damaged)
      expect(await given(cache, 1)).toEqual([2, 3, 4])
      expect(readFileSync(file).length).toBe(bytes.length)
    }
  })

  it('goes when a hundred others were used later, and nothing else in the folder does', async () => {
    const cache = join(root, 'full')
    mkdirSync(cache)
    writeFileSync(join(cache, 'notes.txt'), '')
    for (let i = 0; i < 120; i++) {
      const file = join(cache, `${i}.xla`)
      writeFileSync(file, '')
      utimesSync(file, 1000 + i, 1000 + i)
    }
    await given(cache, 1)
    const left = readdirSync(cache)
    expect(left.length).toBe(101)
    expect(left).toContain('notes.txt')
    expect(left).toContain('119.xla')
    expect(left).not.toContain('20.xla')
  })

  it('runs where nothing can be kept', async () => {
    const cache = join(root, 'file')
    writeFileSync(cache, '')
    expect(await given(cache, 1)).toEqual([2, 3, 4])
  })
})
