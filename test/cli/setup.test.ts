/** `ibot setup`: what it says of what is there, of what it fetches, and of what goes wrong. */
import { join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import { expect, test } from 'vitest'
import { missing } from '../../src/base/failure'
import { fetchProgress } from '../../src/cli/fetchProgress'
import { setup } from '../../src/cli/setup'
import { type Screen, screenOf } from '../../src/cli/terminal'
import type { Library } from '../../src/tensorflow/library/library'
import type { FetchEvent } from '../../src/wheels/events'
import type { Plugin } from '../../src/xla/plugin/plugin'
import type { Provided } from '../../src/xla/plugin/provide'
import { fakePython } from '../tensorflow/wheel'
import { folder, start } from './ibot'

const library: Library = {
  framework: '/cache/tensorflow/libtensorflow_framework.so.2',
  cc: '/cache/tensorflow/libtensorflow_cc.so.2',
  folder: '/cache/tensorflow',
  source: 'cache',
  version: '2.21.0',
}
const facts = { version: '2.21.0', devices: [{ name: '/device:CPU:0', type: 'CPU', memory: 0 }] }

/** A screen, and all that was written to it. */
const screen = (isTTY = false, columns = 80): { readonly screen: Screen; readonly text: () => string } => {
  const written: string[] = []
  const stream = { write: (more: string) => written.push(more) > 0, isTTY, columns }
  return { screen: screenOf(stream as unknown as NodeJS.WriteStream, { NO_COLOR: '1' }), text: () => written.join('') }
}

/** `ibot setup` where looking for the library comes to this. */
const ended = async (options: Parameters<typeof setup>[0], fetched: boolean, events: readonly FetchEvent[] = []) => {
  const [out, err] = [screen(), screen()]
  const code = await setup(options, {
    provide: (given = {}) => {
      for (const event of events) given.tell?.(event)
      return TE.right({ library, fetched })
    },
    probe: () => TE.right(facts),
    out: out.screen,
    err: err.screen,
  })()
  return { code, out: out.text(), err: err.text() }
}

const FILE = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'
const steps = (doing: 'download' | 'check' | 'unpack', count: number): readonly FetchEvent[] =>
  Array.from({ length: count }, (_, i) => {
    const total = 100 * 2 ** 20
    return { event: 'progress', doing, file: FILE, bytes: (total * (i + 1)) / count, total }
  })

test('what is fetched is told with its progress, then where it is', async () => {
  const events: readonly FetchEvent[] = [{ event: 'note', message: 'Fetching' }, ...steps('download', 50), ...steps('check', 50)]
  const { code, out, err } = await ended({}, true, events)
  expect(code).toBe(0)
  expect(out).toBe('ok  TensorFlow 2.21.0 fetched: /cache/tensorflow\n    computes on CPU\n')
  const lines = err.trim().split('\n')
  expect(lines[0]).toBe('Fetching')
  expect(lines[1]).toBe('downloading tensorflow-cpu 2.21.0  10.0 MB of 100.0 MB')
  expect(lines).toHaveLength(11)
})

test('what is there is said to be there', async () => {
  expect((await ended({}, false)).out).toBe(
    'ok  TensorFlow 2.21.0 is there, in the cache: /cache/tensorflow\n    computes on CPU\n',
  )
})

const plugin: Plugin = { name: 'cuda12', file: '/cache/p.so', device: 'gpu', source: 'cache', version: '0.11.2' }

/** `ibot setup` where looking for a plugin comes to this, and what was looked for. */
const pluginEnded = async (options: Parameters<typeof setup>[0], provided: Provided) => {
  const [out, err] = [screen(), screen()]
  const asked: unknown[] = []
  const code = await setup(options, {
    provide: () => {
      throw new Error("TensorFlow's library was looked for")
    },
    cards: () => ({ gpus: ['NVIDIA A100'], drivers: { nvidia: '550.54.14', amd: false } }),
    provideGpuPlugin: (drivers) => {
      asked.push(drivers.nvidia)
      return TE.right(provided)
    },
    providePlugin: ({ name }) => {
      asked.push(name)
      return TE.right(provided)
    },
    out: out.screen,
    err: err.screen,
  })()
  return { code, out: out.text(), err: err.text(), asked }
}

test('--gpu asks for the plugin that fits the driver, and for no library', async () => {
  expect(await pluginEnded({ gpu: true }, { plugin, fetched: true })).toEqual({
    code: 0,
    out: "ok  XLA's plugin cuda12 0.11.2 fetched: /cache/p.so\n    for NVIDIA's GPUs with CUDA 12\n",
    err: '',
    asked: ['550.54.14'],
  })
})

test('--xla asks for a plugin by its name; one of an installed JAX is said to be there', async () => {
  const installed = { ...plugin, name: 'cuda13', source: 'python' as const }
  expect(await pluginEnded({ xla: 'cuda13' }, { plugin: installed, fetched: false })).toMatchObject({
    out: "ok  XLA's plugin cuda13 0.11.2 is there, among Python's packages: /cache/p.so\n    for NVIDIA's GPUs with CUDA 13\n",
    asked: ['cuda13'],
  })
})

test('--json writes a plugin as one object', async () => {
  const { out } = await pluginEnded({ gpu: true, json: true }, { plugin, fetched: true })
  expect(JSON.parse(out)).toEqual({ ok: true, fetched: true, plugin })
})

test('--json writes one object and nothing else', async () => {
  const { out, err } = await ended({ json: true }, true, steps('download', 9))
  expect(err).toBe('')
  expect(JSON.parse(out)).toEqual({ ok: true, fetched: true, library, ...facts })
})

test('a library that cannot be loaded is a failure', async () => {
  const [out, err] = [screen(), screen()]
  const means = { provide: () => TE.right({ library, fetched: false }), out: out.screen, err: err.screen }
  const probe = () => TE.left(missing('it is broken', 'Mend it.'))
  expect(await setup({ json: true }, { ...means, probe })()).toBe(3)
  expect(JSON.parse(out.text())).toEqual({ ok: false, exit: 3, message: 'it is broken', suggestion: 'Mend it.' })
})

test('on a terminal one line is drawn over, no wider than the screen', () => {
  const err = screen(true, 50)
  let time = 0
  const progress = fetchProgress(err.screen, () => {
    time += 40
    return time
  })
  for (const event of [...steps('download', 20), ...steps('unpack', 20)]) progress.tell(event)
  progress.clear()
  const text = err.text()
  expect(text).not.toContain('\n')
  const drawn = text.split('\r\x1b[2K').slice(1)
  expect(drawn.length).toBeGreaterThan(5)
  expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(50)
  expect(drawn[0]).toBe('downloading tensorflow-cpu 2.21.0  5.0 MB of 100.')
  expect(drawn.at(-1)).toBe('')
})

/** `ibot setup` as a process, with an own cache and this Python. */
const process = (args: readonly string[], script: string, env: Readonly<Record<string, string>> = {}) => {
  const cwd = folder()
  return start(cwd, ['setup', ...args], {
    IBOT_CACHE: join(cwd, 'cache'),
    IBOT_TENSORFLOW: '',
    ...fakePython(cwd, script),
    ...env,
  })
}

test('without pip it ends with 3 and says how to mend it', async () => {
  const { code, stdout, stderr } = await process([], 'echo "No module named pip" >&2; exit 1')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(
    /^Fetching TensorFlow 2\.21\.0 for CPUs, once: 261 MB by pip, then 814 MB in .*\nerror {2}python3 has no pip/,
  )
  expect(stderr).not.toContain('    at ')
})

test('a download that is damaged ends with 3, also as JSON', async () => {
  const { code, stdout, stderr } = await process(['--json'], `echo short > "$to/${FILE}"`)
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    exit: 3,
    message: expect.stringContaining('it has 6 bytes, not 273829956'),
  })
})

test('IBOT_TENSORFLOW without a library ends with 3', async () => {
  const { code, stderr } = await process([], '', { IBOT_TENSORFLOW: '/nowhere' })
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr:
      'error  IBOT_TENSORFLOW is /nowhere, which is not there\n  Set it to the folder with both libraries, or unset it and let ibot setup fetch them.\n',
  })
})

test('a plugin whose download is damaged ends with 3, and so does one that the index lacks', async () => {
  const wheel = 'xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_x86_64.whl'
  const damaged = await process(['--xla', 'cpu'], `echo short > "$to/${wheel}"`, { IBOT_XLA_PLUGIN: '' })
  expect(damaged.code).toBe(3)
  expect(damaged.stderr).toMatch(/^Fetching XLA's plugin 0\.0\.1 for the processor, once: 61 MB by pip, then 247 MB in /)
  expect(damaged.stderr).toContain(`the download ${wheel} is damaged: it has 6 bytes, not 63461052`)
  const lacking = await process(['--xla', 'cpu'], 'echo "ERROR: No matching distribution found" >&2; exit 1', {
    IBOT_XLA_PLUGIN: '',
  })
  expect(lacking.code).toBe(3)
  expect(lacking.stderr).toContain(`doesn't have ${wheel}`)
})

test('IBOT_XLA_PLUGIN without a plugin ends with 3, and two plugins at once with 2', async () => {
  const { code, stderr } = await process(['--gpu'], '', { IBOT_XLA_PLUGIN: '/nowhere' })
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr:
      'error  IBOT_XLA_PLUGIN is /nowhere, which is not there\n  Set it to the file of a PJRT plugin, or unset it and let ibot setup --gpu fetch one.\n',
  })
  expect((await process(['--gpu', '--xla', 'cpu'], '')).code).toBe(2)
  expect((await process(['--xla', 'cuda11'], '')).stderr).toContain('Allowed choices are cuda13, cuda12, rocm7, tpu, cpu.')
})

test('files that are no libraries end with 3', async () => {
  const fake = folder({ 'libtensorflow_framework.so.2': 'no library', 'libtensorflow_cc.so.2': 'no library' })
  const { code, stderr } = await process([], '', { IBOT_TENSORFLOW: fake })
  expect(code).toBe(3)
  expect(stderr).toContain(`could not be loaded from ${fake}`)
})

test('Ctrl-C ends it with 130, and nothing is left', async () => {
  const running = process([], 'echo begun; exec sleep 30')
  await new Promise((resolve) => running.process.stderr!.once('data', resolve))
  running.process.kill('SIGINT')
  const { code, stderr } = await running
  expect(code).toBe(130)
  expect(stderr).toContain('no part of it is kept')
})
