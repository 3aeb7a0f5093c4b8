/** What a plugin writes to stderr, and that the process ends as it should. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PLUGIN, withoutPlugin } from './plugin'
import { longWork, product } from './programs'

const XLA = join(__dirname, '..', '..', 'dist', 'xla')

/** Runs code in a process of its own, with the functions of XLA and a client with two devices. */
const run = (code: string, env: Readonly<Record<string, string>> = {}) => {
  const program = `
    const modules = ['pjrt', 'client', 'buffer', 'executable', 'execute'].map((name) => require('${XLA}/' + name + '.js'))
    const { loadPlugin, createClient, fromHost, toHost, compile, execute } = Object.assign({}, ...modules)
    void (async () => {
      const client = await createClient(loadPlugin(process.env.${PLUGIN}).right, { cpu_device_count: { int64: 2 } })
      const floats = (values, dims) => fromHost(client, Float32Array.from(values), 'float32', dims, client.devices[0])
      ${code}
    })()`
  const { TF_CPP_MIN_LOG_LEVEL: _, ...others } = process.env
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env: { ...others, ...env },
    timeout: 60_000,
  })
  return { status, signal, stdout, stderr }
}
const COMPUTE = `
  const executable = await compile(client, ${JSON.stringify(product)})
  const [[result]] = await execute(executable, [[await floats([1, 2, 3, 4], [2, 2]), await floats([1, 0, 0, 1], [2, 2])]])
  console.log((await toHost(result)).join())
  console.error('still here')`

describe.skipIf(withoutPlugin)('a process', () => {
  test('computes without a word, and ends well though nothing is disposed of', () => {
    expect(run(COMPUTE)).toEqual({ status: 0, signal: null, stdout: '1,2,3,4\n', stderr: 'still here\n' })
  })
  test('ends well with a client that is disposed of', () => {
    expect(run(`${COMPUTE}\nclient.dispose()`)).toMatchObject({ status: 0, signal: null, stdout: '1,2,3,4\n' })
  })
  // Node waits for the threads of its pool, and so for what has begun.
  test('ends well when it is told to in the middle of work', () => {
    const code = `
      const executable = await compile(client, ${JSON.stringify(longWork(150))})
      const x = await floats(new Float32Array(512 * 512), [512, 512])
      setTimeout(() => process.exit(7), 50)
      await execute(executable, [[x]])
      console.log('ended')`
    expect(run(code)).toEqual({ status: 7, signal: null, stdout: '', stderr: '' })
  })
  test('TF_CPP_MIN_LOG_LEVEL=0 gives the whole log', () => {
    expect(run(COMPUTE, { TF_CPP_MIN_LOG_LEVEL: '0' }).stderr).toMatch(/\.cc:\d+\]/)
  })
})
