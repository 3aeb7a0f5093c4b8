/** `ibot doctor`: which engine would compute and why, and a remedy for everything that is wrong. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { missing } from '../../src/base/failure'
import { doctorText } from '../../src/cli/doctor'
import { cpu, wasm } from '../../src/engine/eager/kinds'
import type { EngineKind } from '../../src/engine/engine'
import { examine } from '../../src/engine/tensorflow/examine'
import { tensorflow } from '../../src/engine/tensorflow/kind'
import type { ProbeLibrary } from '../../src/engine/tensorflow/libraryFacts'
import { graphicsCards, versionOfNvidia } from '../../src/io/graphicsCards'
import { availableOfMeminfo, featuresOfCpuinfo, featuresOfSysctl } from '../../src/io/machine'
import { diagnose, isWell, type Sights } from '../../src/run/doctor'
import { withoutTensorFlow } from '../engine'
import { folder, start } from './ibot'

const GB = 2 ** 30
const FACTS = { version: '2.21.0', devices: [{ name: '/job:localhost/device:CPU:0', type: 'CPU', memory: GB }] }
/** TensorFlow, whose library is asked so what it is. */
const probing = (probe: ProbeLibrary): EngineKind => ({ ...tensorflow, examine: examine(probe) })
/** A machine on which all is well. */
const sights = (given: Partial<Sights> = {}, env: Readonly<Record<string, string>> = {}): Sights => {
  const library = folder({ 'libtensorflow_framework.so.2': 'x', 'libtensorflow_cc.so.2': 'x' })
  return {
    host: {
      env: { PATH: '', IBOT_TENSORFLOW: library, ...env },
      platform: 'linux',
      arch: 'x64',
      glibc: '2.36',
      cache: '/home/eva/.cache/ibot',
      tfjsNode: undefined,
    },
    engines: [probing(() => TE.right(FACTS)), wasm, cpu],
    decodeSpeed: TE.right(412.3),
    cpu: { model: 'Example 9000', threads: 8, features: ['avx', 'avx2', 'fma'], known: ['avx', 'avx2', 'fma', 'amx_bf16'] },
    memory: { total: 32 * GB, free: 20 * GB },
    gpus: [],
    drivers: { nvidia: undefined, amd: false },
    probePlugin: undefined,
    nodeVersion: 'v22.1.0',
    free: async () => 100 * GB,
    ...given,
  }
}
const textOf = async (given: Sights) => doctorText(await diagnose(given)(), pc.createColors(false))
const without = { IBOT_TENSORFLOW: '' }
const H100 = { gpus: ['NVIDIA H100'], drivers: { nvidia: '580.65.06', amd: false } }

test('all is well', async () => {
  const given = sights()
  const text = await textOf(given)
  expect(text.replace(given.host.env.IBOT_TENSORFLOW!, 'LIBRARY').replace(/^(ibot +)\S+,/m, '$1VERSION,')).toMatchInlineSnapshot(`
    "engine    TensorFlow: its library is there and works
    library   TensorFlow 2.21.0, named by IBOT_TENSORFLOW: LIBRARY/libtensorflow_cc.so.2
    device    /job:localhost/device:CPU:0
    cpu       Example 9000, 8 threads: avx avx2 fma (without amx_bf16)
    gpu       none
    memory    32.0 GB, 20.0 GB of it free
    cache     /home/eva/.cache/ibot, 100.0 GB free
    pictures  412 images/s decoded (JPEG, 500 × 375)
    ibot      VERSION, Node 22.1.0, linux x64

    ok  nothing is wrong"
  `)
})

test('without a library WebAssembly computes, and setup is the remedy', async () => {
  const diagnosis = await diagnose(sights({}, without))()
  expect(diagnosis).toMatchObject({
    engine: 'wasm',
    why: "TensorFlow's library isn't there",
    library: null,
    problems: [{ message: expect.stringContaining('one core'), remedy: 'ibot setup' }],
  })
})

test('where there is no library to fetch, that is said instead', async () => {
  const { host, ...others } = sights({}, without)
  const diagnosis = await diagnose({ ...others, host: { ...host, platform: 'win32' } })()
  expect(diagnosis).toMatchObject({ engine: 'wasm', problems: [{ message: 'TensorFlow 2.21.0 has no library for win32 x64' }] })
})

test('a library that does not load is told with its own remedy', async () => {
  const diagnosis = await diagnose(
    sights({ engines: [probing(() => TE.left(missing('it is broken', 'Mend it.'))), wasm, cpu] }),
  )()
  expect(diagnosis).toMatchObject({
    engine: 'wasm',
    why: "TensorFlow's library does not work",
    library: { source: 'IBOT_TENSORFLOW' },
    facts: { tensorflow: null },
    problems: [{ message: 'it is broken', remedy: 'Mend it.' }],
  })
})

test('a processor without AVX is never made to load the library', async () => {
  const old = { model: 'Old', threads: 1, features: [], known: ['avx'] }
  const probe = () => {
    throw new Error('it was loaded')
  }
  expect(await diagnose(sights({ cpu: old, engines: [probing(probe), wasm, cpu] }))()).toMatchObject({
    engine: 'wasm',
    problems: [{ message: 'TensorFlow needs a processor with AVX, and this one has none' }],
  })
})

test('IBOT_TENSORFLOW without a library means that nothing runs', async () => {
  expect(await diagnose(sights({}, { IBOT_TENSORFLOW: '/nowhere' }))()).toMatchObject({
    engine: null,
    problems: [{ message: 'IBOT_TENSORFLOW is /nowhere, which is not there' }],
  })
})

test('a GPU that is not used, a full disk, pictures that cannot be decoded and an old Node each have a remedy', async () => {
  const decodeSpeed = TE.left(missing('sharp cannot be loaded', 'npm install sharp'))
  const ill = await diagnose(sights({ ...H100, decodeSpeed, nodeVersion: 'v18.0.0' }))()
  expect(ill.problems).toEqual([
    { message: 'there is NVIDIA H100, and no plugin of XLA to compute on it', remedy: 'ibot setup --gpu' },
    { message: 'sharp cannot be loaded', remedy: 'npm install sharp' },
    { message: 'Node v18.0.0 is too old', remedy: 'Install Node 20 or newer.' },
  ])
  const full = await diagnose(sights({ free: async () => GB / 2 }, without))()
  expect(full.problems.at(-1)).toEqual({
    message: "the disk of /home/eva/.cache/ibot is too full for TensorFlow's library, which needs 1.0 GB",
    remedy: 'Free some space, or set IBOT_CACHE to a folder on another disk.',
  })
})

/** The file of a plugin that isn't one, below a folder of packages. */
const fakePlugin = (name = 'xla_cuda13'): string =>
  join(
    folder({
      [`jax_plugins/${name}/xla_cuda_plugin.so`]: 'x',
      [`jax_${name.replace('xla_', '')}_pjrt-0.11.2.dist-info/METADATA`]: 'Name: x\nVersion: 0.11.2\n',
    }),
    `jax_plugins/${name}/xla_cuda_plugin.so`,
  )
const probePlugin = async () => ({
  apiVersion: '0.115',
  platform: 'cuda',
  devices: [{ name: 'NVIDIA H100', type: 'GPU', memory: 80 * GB }],
})

test('a plugin is told with its version, its file and the devices that it lists', async () => {
  const file = fakePlugin()
  const given = sights({ ...H100, probePlugin }, { IBOT_XLA_PLUGIN: file })
  const text = await textOf(given)
  expect(text).toContain(`plugin    cuda13 0.11.2, named by IBOT_XLA_PLUGIN: ${file}\ndevice    NVIDIA H100, 80.0 GB\n`)
  expect(text).toContain('gpu       NVIDIA H100, driver 580.65.06\n')
  expect(isWell(await diagnose(given)())).toBe(true)
})

test('a driver that is too old, one that is not there, and a plugin that does not load each have a remedy', async () => {
  const env = { IBOT_XLA_PLUGIN: fakePlugin() }
  const problems = async (given: Partial<Sights>) => (await diagnose(sights(given, env))()).problems
  expect(await problems({ ...H100, drivers: { nvidia: '550.54.14', amd: false } })).toEqual([
    {
      message: "XLA's plugin cuda13 needs NVIDIA's driver 580 or newer, and this is 550.54.14",
      remedy: 'Install a newer driver, or fetch the plugin for this one: ibot setup --gpu',
    },
  ])
  expect(await problems({})).toEqual([
    {
      message: "XLA's plugin cuda13 needs NVIDIA's driver, and there is none",
      remedy: "Install NVIDIA's driver 580 or newer; in a container, let it see the GPU (docker run --gpus all).",
    },
  ])
  const broken = { ...H100, probePlugin: () => Promise.reject(new Error('libcublas.so.13: cannot open')) }
  expect(await problems(broken)).toEqual([
    {
      message: `XLA's plugin cuda13 (${env.IBOT_XLA_PLUGIN}) does not work: libcublas.so.13: cannot open`,
      remedy: 'Look whether it fits this machine and its driver, or install it again.',
    },
  ])
})

test('IBOT_XLA_PLUGIN that names nothing is a problem', async () => {
  expect(await diagnose(sights({}, { IBOT_XLA_PLUGIN: '/nowhere' }))()).toMatchObject({
    plugins: [],
    problems: [{ message: 'IBOT_XLA_PLUGIN is /nowhere, which is not there' }],
  })
})

test('where no engine is installed, nothing runs', async () => {
  const diagnosis = await diagnose(sights({ engines: [tensorflow] }, without))()
  expect(diagnosis.engine).toBeNull()
  expect(diagnosis.problems.at(-1)).toEqual({
    message: 'no engine is installed',
    remedy: 'Install ibot again: npm ci',
  })
})

const quiet = { PATH: '', IBOT_TENSORFLOW: '' }

test('as a command it really decodes, and ends with 3 where something is to be mended, though runs can compute', async () => {
  const cwd = folder()
  const { code, stdout, stderr } = await start(cwd, ['doctor'], { ...quiet, IBOT_CACHE: join(cwd, 'cache') })
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(stdout).toMatch(/^engine {4}WebAssembly, on one core: TensorFlow's library isn't there\n/)
  expect(stdout).toMatch(/^pictures {2}\d+ images\/s decoded/m)
  expect(stdout).toMatch(/\nproblem {2}.*\n {2}ibot setup\n$/)
})

test('it is well where something computes and nothing is to be mended', async () => {
  expect(isWell(await diagnose(sights())())).toBe(true)
  expect(isWell(await diagnose(sights(H100))())).toBe(false)
  expect(isWell(await diagnose(sights({}, without))())).toBe(false)
})

test.skipIf(withoutTensorFlow !== undefined)('as a command it ends with 0 where all is well', async () => {
  const { code, stdout } = await start(folder(), ['doctor', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, exit: 0, problems: [] })
  expect(code).toBe(0)
})

test('--json writes one object; it ends with 3 where nothing can run', async () => {
  const { code, stdout, stderr } = await start(folder(), ['doctor', '--json'], { ...quiet, IBOT_TENSORFLOW: '/nowhere' })
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  const diagnosis = JSON.parse(stdout)
  expect(diagnosis).toMatchObject({ ok: false, exit: 3, engine: null, cache: { free: expect.any(Number) } })
  expect(diagnosis.imagesPerSecond).toBeGreaterThan(1)
  expect(diagnosis.memory.free).toBeLessThanOrEqual(diagnosis.memory.total)
})

test('the features of a processor are read as Linux and macOS tell them', () => {
  expect(featuresOfCpuinfo('processor\t: 0\nflags\t\t: fpu avx avx2 fma sse amx_bf16 amx_tile\n', 'x64')).toEqual([
    'avx',
    'avx2',
    'fma',
    'amx_bf16',
  ])
  expect(featuresOfCpuinfo('Features\t: fp asimd asimddp bf16\n', 'arm64')).toEqual(['asimd', 'asimddp', 'bf16'])
  expect(featuresOfCpuinfo('nothing', 'x64')).toBeUndefined()
  expect(featuresOfSysctl('hw.optional.AdvSIMD: 1\nhw.optional.arm.FEAT_BF16: 1\nhw.optional.arm.FEAT_SME: 0\n')).toEqual([
    'asimd',
    'bf16',
  ])
})

test('memory and graphics cards are read as Linux tells them', () => {
  expect(availableOfMeminfo('MemTotal: 4 kB\nMemAvailable:    3 kB\n')).toBe(3072)
  expect(availableOfMeminfo('')).toBeUndefined()
})

const NVRM =
  'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (dvs-builder@U22-I3)\nGCC version:  gcc 12\n'

test('the driver is read as it tells of itself, else as nvidia-smi says', () => {
  const old = 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n'
  expect([NVRM, old, 'nothing'].map(versionOfNvidia)).toEqual(['580.65.06', '535.129.03', undefined])
  const told = folder({ 'proc/version': NVRM, 'proc/gpus/0000:01/information': 'Model: \t\t NVIDIA H100\nIRQ: 1\n' })
  const places = { env: {}, platform: 'linux' as const, nvidia: join(told, 'proc'), amd: join(told, 'kfd') }
  const drivers = { nvidia: '580.65.06', amd: false }
  expect(graphicsCards(places)).toEqual({ gpus: ['NVIDIA H100'], drivers })
  const smi = folder({ 'nvidia-smi': '#!/bin/sh\necho 580.65.06, NVIDIA L4\necho 580.65.06, NVIDIA L4\n', kfd: '' })
  chmodSync(join(smi, 'nvidia-smi'), 0o755)
  const elsewhere = { ...places, env: { PATH: smi }, nvidia: '/nowhere', amd: join(smi, 'kfd') }
  expect(graphicsCards(elsewhere)).toEqual({ gpus: ['NVIDIA L4', 'NVIDIA L4'], drivers: { ...drivers, amd: true } })
  expect(graphicsCards({ ...elsewhere, env: {} })).toEqual({ gpus: [], drivers: { nvidia: undefined, amd: true } })
})
