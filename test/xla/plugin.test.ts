/** XLA's plugins are found where they are, fit the driver, and are fetched whole or not at all. Nothing is downloaded here. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { FetchEvent } from '../../src/wheels/events'
import type { Host } from '../../src/wheels/host'
import { downloadBytes, neededBytes, pipArguments } from '../../src/wheels/wheel'
import { choosePlugin } from '../../src/xla/plugin/choose'
import { type Drivers, driverFault, gpuKind } from '../../src/xla/plugin/driver'
import { examinePlugin, examinePlugins } from '../../src/xla/plugin/examine'
import { findPlugins } from '../../src/xla/plugin/find'
import type { PluginKind } from '../../src/xla/plugin/kind'
import { KINDS, kindNamed } from '../../src/xla/plugin/kinds'
import type { Plugin } from '../../src/xla/plugin/plugin'
import { setFor } from '../../src/xla/plugin/pluginSet'
import { type ProvideOptions, provideGpuPlugin, providePlugin } from '../../src/xla/plugin/provide'
import { fakePython, wheelOf } from '../tensorflow/wheel'
import { PLUGIN } from './plugin'

let top = ''
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'ibot-plugin-')))
})
afterEach(() => {
  rmSync(top, { recursive: true, force: true })
})

const PLUGIN_FILE = 'jax_cuda13_pjrt-0.11.2-py3-none-manylinux_2_27_x86_64.whl'
const NVCC_FILE = 'nvidia_cuda_nvcc-13.0.88-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl'
const CUDA13 = 'jax_plugins/xla_cuda13/xla_cuda_plugin.so'
const CUDA12 = 'jax_plugins/xla_cuda12/xla_cuda_plugin.so'
const LIBTPU = 'libtpu/libtpu.so'
const plugin = wheelOf(PLUGIN_FILE, { [CUDA13]: 'plugin'.repeat(1000) })
const nvcc = wheelOf(NVCC_FILE, { 'nvidia/cu13/bin/ptxas': 'program' })

/** The known kinds, of which the one for CUDA 13 is tiny. */
const cuda13: PluginKind = { ...kindNamed('cuda13'), wheels: { 'linux-x64': [plugin.wheel, nvcc.wheel] } }
const kinds: readonly PluginKind[] = [cuda13, ...KINDS.slice(1)]
const [cuda12, rocm7, cpu] = [kindNamed('cuda12'), kindNamed('rocm7'), kindNamed('cpu')]

/** A Linux without Python, an own cache, and what a test says besides. */
const hostOf = (given: Partial<Host> = {}): Host => ({
  env: { PATH: join(top, 'empty') },
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  cache: join(top, 'cache'),
  ...given,
})
const put = (path: string, text = 'x'): string => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}
const packages = () => join(top, 'site-packages')
const shelf = () => join(top, 'cache', 'xla')
const place = () => join(shelf(), 'cuda13-0.11.2-linux-x64')
const putInCache = (): void => {
  put(join(place(), CUDA13), 'plugin'.repeat(1000))
  put(join(place(), 'nvidia/cu13/bin/ptxas'), 'program')
}
/** A python3 that finds its packages in these folders. */
const withPython = (...folders: readonly string[]): Readonly<Record<string, string>> => {
  put(join(top, 'bin', 'python3'), `#!/bin/sh\necho a warning\necho '${JSON.stringify(['', ...folders, ...folders])}'\n`)
  chmodSync(join(top, 'bin', 'python3'), 0o755)
  return { PATH: join(top, 'bin') }
}
/** A python3 whose pip gives these wheels. */
const giving = (given: Uint8Array = plugin.content, before = ''): Host => {
  writeFileSync(join(top, 'plugin'), given)
  writeFileSync(join(top, 'nvcc'), nvcc.content)
  const script = `${before}
case "$(tail -1 "$log")" in *nvcc*) cp '${join(top, 'nvcc')}' "$to/${NVCC_FILE}";; *) cp '${join(top, 'plugin')}' "$to/${PLUGIN_FILE}";; esac`
  return hostOf({ env: fakePython(top, script) })
}
const calls = (): number => (existsSync(join(top, 'log')) ? readFileSync(join(top, 'log'), 'utf8').trim().split('\n').length : 0)

const failed = (result: E.Either<Failure, unknown>) => {
  if (E.isRight(result)) throw new Error('it did not fail')
  const { _tag, ...said } = result.left
  return { _tag, ...(said as { message: string; remedy: string }) }
}
const found = async (host: Host): Promise<readonly Plugin[]> => {
  const result = await findPlugins(host, kinds)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const provided = async (host: Host, options: ProvideOptions = {}) => {
  const events: FetchEvent[] = []
  const tell = (event: FetchEvent) => events.push(event)
  const result = await providePlugin(cuda13, { host, kinds, tell, rhythm: { touch: 50, dead: 2000 }, ...options })()
  return { result, events }
}
const nvidia = (version: string | undefined): Drivers => ({ nvidia: version, amd: false })
const NEW = nvidia('580.65.06')

describe('findPlugins', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await found(hostOf())).toEqual([])
  })

  it('takes what IBOT_XLA_PLUGIN names, else what Python has, then what the cache has', async () => {
    putInCache()
    expect(await found(hostOf())).toEqual([
      { name: 'cuda13', file: join(place(), CUDA13), device: 'gpu', source: 'cache', version: '0.11.2' },
    ])
    put(join(packages(), CUDA12))
    put(join(packages(), LIBTPU))
    put(join(packages(), 'libtpu-0.0.48.dist-info', 'METADATA'), 'Name: libtpu\nVersion: 0.0.48\n')
    const env = withPython(packages())
    expect((await found(hostOf({ env }))).map(({ name, source, version }) => [name, source, version])).toEqual([
      ['cuda12', 'python', undefined],
      ['tpu', 'python', '0.0.48'],
      ['cuda13', 'cache', '0.11.2'],
    ])
    const named = put(join(top, 'mine', CUDA13))
    expect(await found(hostOf({ env: { ...env, IBOT_XLA_PLUGIN: named } }))).toEqual([
      { name: 'cuda13', file: named, device: 'gpu', source: 'IBOT_XLA_PLUGIN', version: undefined },
    ])
  })

  it('tells known kinds in their order, whatever folder they are in, then those that it knows nothing of', async () => {
    const other = join(top, 'dist-packages')
    put(join(packages(), CUDA12))
    put(join(other, CUDA13))
    put(join(other, 'jax_plugins/xla_oneapi/xla_oneapi_plugin.so'))
    put(
      join(other, 'jax_oneapi_pjrt-0.11.2.dist-info/METADATA'),
      'Metadata-Version: 2.4\nName: jax-oneapi-pjrt\nVersion: 0.11.2\n',
    )
    put(join(other, 'jax_plugins/xla_cuda13/version.py'))
    expect(await found(hostOf({ env: withPython(packages(), other) }))).toMatchObject([
      { name: 'cuda13', file: join(other, CUDA13) },
      { name: 'cuda12' },
      { name: 'oneapi', device: undefined, source: 'python', version: '0.11.2' },
    ])
  })

  it.each([
    ['fails', 'exit 1'],
    ['says nothing', 'exit 0'],
    ['says something else', 'echo "{}"'],
  ])('takes a Python that %s for none', async (_, script) => {
    putInCache()
    withPython()
    put(join(top, 'bin', 'python3'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(top, 'bin', 'python3'), 0o755)
    expect(await found(hostOf({ env: { PATH: join(top, 'bin') } }))).toMatchObject([{ source: 'cache' }])
  })

  it('runs nothing that lies in a folder named from the current one on', async () => {
    withPython(packages())
    put(join(packages(), CUDA13))
    expect(await found(hostOf({ env: { PATH: 'bin:.' } }))).toEqual([])
  })

  it('ignores what is not whole in the cache', async () => {
    putInCache()
    writeFileSync(join(place(), 'nvidia/cu13/bin/ptxas'), 'half')
    expect(await found(hostOf())).toEqual([])
  })

  it('knows a plugin by its name where that tells the kind', async () => {
    const of = async (name: string) => (await found(hostOf({ env: { IBOT_XLA_PLUGIN: put(join(top, name)) } })))[0]
    expect(await of('libtpu.so')).toMatchObject({ name: 'tpu', device: 'tpu' })
    expect(await of('xla_cuda_plugin.so')).toMatchObject({ name: 'xla_cuda_plugin', device: 'gpu' })
    expect(await of('pjrt_c_api_cpu_plugin.so')).toMatchObject({ name: 'pjrt_c_api_cpu_plugin', device: undefined })
  })

  it('says what is wrong with IBOT_XLA_PLUGIN, whatever else there is; empty, it is none', async () => {
    putInCache()
    const wrong = async (path: string) => failed(await findPlugins(hostOf({ env: { IBOT_XLA_PLUGIN: path } }), kinds)())
    expect(await wrong(join(top, 'none'))).toEqual({
      _tag: 'Missing',
      message: `IBOT_XLA_PLUGIN is ${join(top, 'none')}, which is not there`,
      remedy: 'Set it to the file of a PJRT plugin, or unset it and let ibot setup --gpu fetch one.',
    })
    expect((await wrong(top)).message).toBe(`IBOT_XLA_PLUGIN is ${top}, which is not a file`)
    expect(await found(hostOf({ env: { IBOT_XLA_PLUGIN: '' } }))).toMatchObject([{ source: 'cache' }])
  })
})

describe('drivers', () => {
  it.each([
    ['580.65.06', 'cuda13'],
    ['610.10', 'cuda13'],
    ['579.99', 'cuda12'],
    ['525.60.13', 'cuda12'],
  ])("NVIDIA's %s asks for %s", (version, name) => {
    expect(gpuKind(nvidia(version))).toMatchObject({ right: { name } })
  })

  it("AMD's asks for rocm7", () => {
    expect(gpuKind({ nvidia: undefined, amd: true })).toMatchObject({ right: { name: 'rocm7' } })
  })

  it('one that is too old for all, and none, each have a remedy', () => {
    expect(failed(gpuKind(nvidia('470.223.02')))).toEqual({
      _tag: 'Missing',
      message: "NVIDIA's driver is 470.223.02, and XLA's plugins need 525 or newer",
      remedy: 'Install a newer driver.',
    })
    expect(failed(gpuKind(nvidia(undefined)))).toMatchObject({
      message: 'no driver of a graphics card was found, which would tell the plugin that fits',
      remedy: expect.stringContaining('ibot setup --xla cuda13'),
    })
  })

  it('a plugin that does not fit says why', () => {
    expect(driverFault(cuda13, NEW)).toBeUndefined()
    expect(driverFault(cpu, nvidia(undefined))).toBeUndefined()
    expect(driverFault(cuda13, nvidia('550.1'))).toMatchObject({ remedy: expect.stringContaining('ibot setup --gpu') })
    expect(driverFault(cuda12, nvidia('470.1'))).toMatchObject({ remedy: 'Install a newer driver.' })
    expect(driverFault(rocm7, NEW)).toMatchObject({ message: "XLA's plugin rocm7 needs AMD's driver, and there is none" })
  })

  it('chooses the first that fits, and takes the user at their word', () => {
    const of = (name: string, given: Partial<Plugin> = {}): Plugin => ({
      ...{ name, file: `/${name}`, device: 'gpu', source: 'python', version: undefined },
      ...given,
    })
    const both = [of('cuda13'), of('cuda12')]
    expect(choosePlugin(both, 'gpu', NEW)?.name).toBe('cuda13')
    expect(choosePlugin(both, 'gpu', nvidia('550.1'))?.name).toBe('cuda12')
    expect(choosePlugin(both, 'gpu', nvidia(undefined))).toBeUndefined()
    expect(choosePlugin(both, 'tpu', NEW)).toBeUndefined()
    const named = of('xla_cuda_plugin', { source: 'IBOT_XLA_PLUGIN', device: undefined })
    expect(choosePlugin([named], 'gpu', nvidia(undefined))).toBe(named)
  })
})

describe('the table', () => {
  it('pins every file by a SHA-256 and sizes, and holds the plugin itself', () => {
    for (const { file, wheels } of KINDS)
      for (const set of Object.values<PluginKind['wheels'][string]>(wheels)) {
        expect(set[0]!.members[file]).toBeGreaterThan(100_000_000)
        for (const { sha256, bytes, members } of set) {
          expect(sha256).toMatch(/^[0-9a-f]{64}$/)
          expect(Math.min(bytes, ...Object.values(members))).toBeGreaterThan(100_000)
        }
      }
  })

  it('says how much it is', () => {
    const gigabytes = (kind: PluginKind, host: Partial<Host> = {}) => {
      const set = setFor(kind, hostOf(host))
      return E.isLeft(set)
        ? set.left
        : [downloadBytes(set.right), neededBytes(set.right)].map((n) => Number((n / 1e9).toFixed(1)))
    }
    expect(KINDS.map((kind) => [kind.name, gigabytes(kind)])).toEqual([
      ['cuda13', [1.6, 2.7]],
      ['cuda12', [2.2, 4.2]],
      ['rocm7', [0.1, 0.6]],
      ['tpu', [0.2, 0.9]],
      ['cpu', [0.1, 0.3]],
    ])
    expect(gigabytes(kindNamed('cuda13'), { arch: 'arm64' })).toEqual([1.7, 2.9])
  })

  it('tells pip the very file', () => {
    expect(pipArguments(nvcc.wheel).join(' ')).toBe(
      '--python-version 3.12 --implementation cp --abi cp312 --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 nvidia-cuda-nvcc==13.0.88',
    )
  })

  it.each([
    [{ platform: 'win32', glibc: undefined }, 'cuda13', 'there is no plugin cuda13 of XLA for win32 x64'],
    [{ arch: 'arm64' }, 'cuda12', 'there is no plugin cuda12 of XLA for linux arm64'],
    [{ glibc: '2.28' }, 'tpu', "XLA's plugin tpu needs the GNU C library 2.31 or newer, and this system has 2.28"],
    [
      { glibc: undefined },
      'cpu',
      "XLA's plugin cpu needs the GNU C library 2.27 or newer, and this system has another C library",
    ],
  ] as const)('has none for %j, %s', (given, name, message) => {
    expect(failed(setFor(kindNamed(name), hostOf(given as Partial<Host>))).message).toBe(message)
  })
})

describe('providePlugin', () => {
  it('announces and lays out plugin and libraries as Python would, programs as programs; a second time it fetches nothing', async () => {
    const host = giving()
    const { result, events } = await provided(host)
    expect(result).toEqual(
      E.right({
        fetched: true,
        plugin: { name: 'cuda13', file: join(place(), CUDA13), device: 'gpu', source: 'cache', version: '0.11.2' },
      }),
    )
    expect(readdirSync(shelf())).toEqual(['cuda13-0.11.2-linux-x64'])
    expect(readdirSync(place()).sort()).toEqual(['jax_plugins', 'nvidia'])
    expect(statSync(join(place(), 'nvidia/cu13/bin/ptxas')).mode & 0o111).toBe(0o111)
    expect(events[0]).toEqual({
      event: 'note',
      message: `Fetching XLA's plugin 0.11.2 for NVIDIA's GPUs with CUDA 13, with CUDA's libraries, 2 packages, once: 0 MB by pip, then 0 MB in ${place()}`,
    })
    const again = await provided(host)
    expect([again.result, again.events]).toMatchObject([{ right: { fetched: false } }, []])
    expect(calls()).toBe(2)
  })

  it('fetches nothing where an installed JAX has it', async () => {
    const file = put(join(packages(), CUDA13))
    expect((await provided(hostOf({ env: withPython(packages()) }))).result).toMatchObject({
      right: { fetched: false, plugin: { file, source: 'python' } },
    })
  })

  it('chooses by the driver, among what is there first; a driver that nothing fits is a failure', async () => {
    const env = withPython(packages())
    const file = put(join(packages(), CUDA12))
    const options = { host: hostOf({ env }), kinds }
    expect(await provideGpuPlugin(NEW, options)()).toMatchObject({ right: { fetched: false, plugin: { file } } })
    expect(failed(await provideGpuPlugin(nvidia('470.1'), options)()).remedy).toBe('Install a newer driver.')
    rmSync(packages(), { recursive: true })
    expect(await provideGpuPlugin(NEW, { host: giving(), kinds })()).toMatchObject({
      right: { fetched: true, plugin: { name: 'cuda13' } },
    })
  })

  it('never goes round what IBOT_XLA_PLUGIN says', async () => {
    const { env } = giving()
    const named = async (path: string) =>
      provideGpuPlugin(NEW, { host: hostOf({ env: { ...env, IBOT_XLA_PLUGIN: path } }), kinds })()
    expect(failed(await named('/nowhere')).message).toBe('IBOT_XLA_PLUGIN is /nowhere, which is not there')
    expect(await named(put(join(top, 'mine.so')))).toMatchObject({ right: { fetched: false, plugin: { name: 'mine' } } })
    expect(calls()).toBe(0)
  })

  it.each([
    ['truncated', plugin.content.subarray(0, 100), /is damaged: it has 100 bytes, not \d+$/],
    ['another of the same length', Buffer.alloc(plugin.content.length), /^the checksum of the download .* is wrong/],
  ])('refuses a download that is %s, and leaves nothing of it', async (_, bytes, message) => {
    expect(failed((await provided(giving(bytes))).result).message).toMatch(message)
    expect(readdirSync(shelf())).toEqual([])
  })

  it.each([
    ['no pip', 'echo "No module named pip" >&2; exit 1', /^python3 has no pip, by which XLA's plugin cuda13 is downloaded$/],
    ['no network', 'echo "WARNING: Retrying (Retry(total=0))" >&2; exit 1', /^XLA's plugin cuda13 cannot be downloaded: /],
    ['no such package', 'echo "ERROR: No matching distribution found" >&2; exit 1', /doesn't have jax_cuda13_pjrt-0\.11\.2/],
    ['no space', 'echo "ERROR: [Errno 28] No space left" >&2; exit 1', /^no space is left for XLA's plugin cuda13 in /],
  ])('has a sentence for: %s', async (_, script, message) => {
    const { result } = await provided(giving(plugin.content, script))
    expect(failed(result)).toMatchObject({ _tag: 'Missing', message: expect.stringMatching(message) })
    expect(failed(result).remedy).not.toBe('')
    expect(readdirSync(shelf())).toEqual([])
  })

  it('has a sentence for: no python3', async () => {
    const { result, events } = await provided(hostOf())
    expect(failed(result)).toMatchObject({
      message: "XLA's plugin cuda13 is downloaded by Python's pip, and there is no python3 on the PATH",
      remedy: 'Install Python 3 with pip. Or set IBOT_XLA_PLUGIN to the file of a plugin that is there.',
    })
    expect(events).toEqual([])
  })

  it('sees before it begins that the disk is too full', async () => {
    const { result } = await provided(giving(), { free: async () => 1000 })
    expect(failed(result).message).toMatch(/^fetching XLA's plugin cuda13 needs 0\.0 GB, and .* has 0\.0 GB free$/)
    expect(calls()).toBe(0)
  })

  it('stops between two packages when it is asked to, and leaves nothing', async () => {
    const controller = new AbortController()
    const tell = (event: FetchEvent) => {
      if (event.event === 'progress' && event.doing === 'unpack') controller.abort('SIGINT')
    }
    const { result } = await provided(giving(), { tell, signal: controller.signal })
    expect(failed(result)).toMatchObject({
      _tag: 'Stopped',
      message: "XLA's plugin cuda13 was not fetched, and no part of it is kept",
      remedy: 'ibot setup --xla cuda13 starts over',
    })
    expect(readdirSync(shelf())).toEqual([])
  })
})

describe('examinePlugins', () => {
  const GPU = ['NVIDIA H100']
  const facts = { apiVersion: '0.115', platform: 'cuda', devices: [{ name: 'H100', type: 'GPU', memory: 0 }] }
  const probe = async () => facts
  const problems = async (host: Host, drivers: Drivers, gpus: readonly string[]) =>
    (await examinePlugins({ host, drivers, gpus }, { probe, kinds })).problems.map((failure) => failed(E.left(failure)))

  it('says what a plugin says of itself', async () => {
    putInCache()
    expect(await examinePlugins({ host: hostOf(), drivers: NEW, gpus: GPU }, { probe, kinds })).toMatchObject({
      plugins: [{ plugin: { name: 'cuda13' }, fault: undefined, facts }],
      problems: [],
    })
    // Without a probe it is only looked for.
    const [found] = (await examinePlugins({ host: hostOf(), drivers: NEW, gpus: GPU }, { kinds })).plugins
    expect(found).toMatchObject({ fault: undefined, facts: undefined })
  })

  it('loads none that lacks its driver', async () => {
    const never = () => {
      throw new Error('it was loaded')
    }
    const plugin: Plugin = { name: 'cuda13', file: '/p.so', device: 'gpu', source: 'cache', version: undefined }
    expect(await examinePlugin(plugin, { drivers: nvidia('550.1'), probe: never })).toMatchObject({
      fault: { message: "XLA's plugin cuda13 needs NVIDIA's driver 580 or newer, and this is 550.1" },
      facts: undefined,
    })
  })

  it('a graphics card without a plugin is a problem, and setup the remedy where there is one to fetch', async () => {
    expect(await problems(hostOf(), NEW, GPU)).toMatchObject([
      { message: 'there is NVIDIA H100, and no plugin of XLA to compute on it', remedy: 'ibot setup --gpu' },
    ])
    expect(await problems(hostOf(), nvidia('470.1'), GPU)).toMatchObject([{ remedy: 'Install a newer driver.' }])
    expect(await problems(hostOf({ glibc: '2.17' }), NEW, GPU)).toMatchObject([{ message: expect.stringContaining('2.27') }])
    expect(await problems(hostOf(), nvidia(undefined), [])).toEqual([])
  })

  it('a driver that is too old is a problem, unless another plugin fits it', async () => {
    putInCache()
    expect(await problems(hostOf(), nvidia('550.1'), GPU)).toMatchObject([{ message: expect.stringContaining('580 or newer') }])
    put(join(packages(), CUDA12))
    expect(await problems(hostOf({ env: withPython(packages()) }), nvidia('550.1'), GPU)).toEqual([])
  })

  it('a plugin without a driver is a problem of who fetched it, not of who has JAX installed', async () => {
    put(join(packages(), CUDA13))
    const env = withPython(packages())
    expect(await problems(hostOf({ env }), nvidia(undefined), [])).toEqual([])
    putInCache()
    expect(await problems(hostOf(), nvidia(undefined), [])).toMatchObject([
      { message: "XLA's plugin cuda13 needs NVIDIA's driver, and there is none" },
    ])
  })

  it('IBOT_XLA_PLUGIN that names nothing is a problem; a plugin that it names is enough', async () => {
    const named = (path: string) => hostOf({ env: { IBOT_XLA_PLUGIN: path } })
    expect(await problems(named('/nowhere'), NEW, GPU)).toMatchObject([
      { message: 'IBOT_XLA_PLUGIN is /nowhere, which is not there' },
    ])
    expect(await problems(named(put(join(top, 'xla_cpu_pjrt.so'))), NEW, GPU)).toEqual([])
  })
})

it.skipIf(process.env[PLUGIN] === undefined)("the processor's plugin is there for tests", () => {
  expect(statSync(process.env[PLUGIN]!).size).toBe(cpu.wheels['linux-x64']![0]!.members[cpu.file])
})
