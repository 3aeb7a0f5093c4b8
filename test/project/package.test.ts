/** What `npm pack` makes, installed in an empty project with npm's defaults and nothing from outside of the registry. */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { folder, ROOT, TINY } from '../cli/ibot'
import { WITHOUT } from '../engine'

/** Not what npm gives the scripts that it runs, such as this checkout's own settings. */
const ENV = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)/i.test(name)),
)

/** Runs a command; it may take longer than a worker of the tests may be deaf. */
const started = (cwd: string, command: string, ...args: readonly string[]) =>
  new Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text))
    child.on('error', reject).on('close', (status) => resolve({ status, ...said }))
  })

/** The same sources elsewhere: packing builds dist/, which other tests use meanwhile. */
const sources = (): string => {
  const root = folder()
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly files: readonly string[] }
  const shipped = files.filter((name) => !/^!|^(dist|bin)/.test(name))
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'LICENSE', 'bin', 'src', ...shipped]) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  return root
}

const packed = async (): Promise<string> => {
  const root = sources()
  const { status, stderr } = await started(root, 'npm', 'pack', '--ignore-scripts=false')
  expect(status, stderr).toBe(0)
  return join(root, readdirSync(root).find((name) => name.endsWith('.tgz'))!)
}

/** What a project in TypeScript has besides; the newest compiler is that of this checkout. */
const TYPESCRIPT = ['typescript@5.4', '@types/node@20']

/** Installs packages in a project, with a cache in which nothing is; skips the test where the registry can't be reached. */
const install = async (root: string, { skip }: TestContext, ...packages: readonly string[]): Promise<void> => {
  const { status, stdout, stderr } = await started(root, 'npm', 'install', '--cache', folder(), ...packages)
  const unreachable = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|HOSTUNREACH|TIMEDOUT)|ENOTCACHED/.exec(stderr)
  if (status !== 0 && unreachable !== null) skip(`npm's registry can't be reached (${unreachable[0]})`)
  expect(status, stderr).toBe(0)
  // npm warns of what is deprecated, and of scripts that it has left out.
  expect(`${stdout}${stderr}`).not.toMatch(/npm warn/)
}

/** An empty project that has installed the package as its first one. */
const installed = async (tarball: string, context: TestContext): Promise<string> => {
  const root = folder({ 'package.json': '{ "name": "mine", "version": "1.0.0" }' })
  await install(root, context, tarball)
  return root
}

const linksOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link]) => join(dirname(file), link!))

interface Locked {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly resolved?: string }>>
}

/** Bytes that the package takes unpacked: more than it does, by so little that a forgotten folder is noticed. */
const LARGEST = 12e6

const sizeOf = (root: string): number =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stat = statSync(join(root, name))
    return stat.isFile() ? sum + stat.size : sum
  }, 0)

/** Progress may be told, but Node.js warns of nothing. */
const QUIET = expect.not.stringMatching(/Warning|deprecated/)

const SHOWN = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs', 'typescript.md'), 'utf8'))![1]!
/** Ops of one's own whose types nobody writes down: declarations must be able to name them. */
const DEFINE = `import * as define from 'ibot/define'
import * as data from 'ibot/define/data'
import { linear, mask, numberIn, optional, probe, required, sequence, source, stage, tf } from 'ibot/define'

export const all = [define, data]
export const some = { stage, source, probe }
export const twice = (x: tf.Tensor) => tf.mul(x, 2)
export const slope = tf.grad(twice)
export const made = () => tf.tidy(() => ({ zeros: tf.zeros([2, 2]), even: tf.softmax(tf.ones([2])) }))
export const layers = sequence(linear(2, 3), linear(3, 4))
export const fields = { size: required(numberIn(0, 1), 'a size'), other: optional(numberIn(0, 1), 0.5, 'another') }
export const nothing = define.define(mask)({
  name: 'nothing',
  doc: 'Hides nothing.',
  fields: {},
  build: () => (_draw, grid) => new Uint8Array(grid.height * grid.width),
})
`
/** Libraries are checked, and declarations written: with what TypeScript knows of browsers, or without. */
const SETTINGS = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    skipLibCheck: false,
    declaration: true,
    types: ['node'],
    outDir: 'out',
  },
  files: ['shown.mts', 'define.mts', 'define.cts'],
}

test('the package installs with npm alone; the command and the TypeScript of the docs work', {
  timeout: 400_000,
}, async (context) => {
  const root = await installed(await packed(), context)
  const ibot = join(root, 'node_modules', 'ibot')

  // No dependency has a script that npm runs, on any platform: none downloads or compiles.
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked
  expect(Object.keys(packages).filter((name) => packages[name]!.hasInstallScript)).toEqual([])
  for (const name of ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-converter', 'koffi'])
    expect(existsSync(join(root, 'node_modules', name)), name).toBe(false)
  const bill = await started(root, 'npm', 'sbom', '--sbom-format', 'cyclonedx')
  expect(bill.status, bill.stderr).toBe(0)
  const { components } = JSON.parse(bill.stdout) as { readonly components: readonly { readonly name: string }[] }
  expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['ibot', 'sharp', '@tensorflow/tfjs-core', 'fp-ts']))
  expect(Object.keys(packages).filter((name) => name.endsWith('@tensorflow/tfjs-core'))).toHaveLength(1)

  // Nothing that is of use in a checkout only, and all that is linked; small.
  const files = readdirSync(ibot, { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /\.map$|tsbuildinfo|^src|^test|^site|^bin.(?!ibot\.js)/.test(name))).toEqual([])
  expect(files.filter((name) => name.endsWith('.js') && /sourceMappingURL/.test(readFileSync(join(ibot, name), 'utf8')))).toEqual(
    [],
  )
  expect(sizeOf(ibot)).toBeLessThan(LARGEST)
  const texts = files.filter((name) => name.endsWith('.md'))
  expect(texts.flatMap((name) => linksOf(join(ibot, name))).filter((link) => !existsSync(link))).toEqual([])
  expect(files.filter((name) => /^pipelines.*yaml$/.test(name)).sort()).toEqual(
    readdirSync(join(ROOT, 'pipelines'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join('pipelines', name))
      .sort(),
  )
  // A file says which packages' code it contains.
  const notices = readFileSync(join(ibot, 'dist', 'record', 'tfjsNode.js.LICENSES.txt'), 'utf8')
  for (const name of ['nn/gradients.js', 'export/tensorflow/graphModel.js', 'base/foreign.js'])
    expect(existsSync(join(ibot, 'dist', `${name}.LICENSES.txt`)), name).toBe(true)
  expect(notices).toMatch(/@tensorflow\/tfjs-node-gpu \S+, Apache-2.0\n[\s\S]*google-protobuf \S+, .*BSD-3-Clause/)

  writeFileSync(join(root, 'tiny.yaml'), TINY)
  expect(await started(root, 'npx', '--no-install', 'ibot', 'check', 'tiny.yaml')).toMatchObject({ status: 0, stderr: '' })
  const backends = process.env[WITHOUT] === undefined ? ['tensorflow', 'wasm'] : ['wasm']
  for (const backend of backends) {
    const ran = await started(
      root,
      process.execPath,
      join(ibot, 'bin', 'ibot.js'),
      'run',
      'tiny.yaml',
      '--backend',
      backend,
      '--no-download',
    )
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('4 steps'), stderr: QUIET })
  }

  // Where koffi has no binary, what needs none works.
  rmSync(join(root, 'node_modules', '@koromix'), { recursive: true })
  const withoutKoffi = (...args: readonly string[]) => started(root, process.execPath, join(ibot, 'bin', 'ibot.js'), ...args)
  expect(await withoutKoffi('check', 'tiny.yaml')).toMatchObject({ status: 0, stderr: '' })
  expect(await withoutKoffi('run', 'tiny.yaml', '--no-download')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('4 steps'),
    stderr: QUIET,
  })

  await install(root, context, '--save-dev', ...TYPESCRIPT)
  writeFileSync(join(root, 'shown.mts'), `${SHOWN.replace('steps: 100, batch: 32', 'steps: 2, batch: 8')}\nexport { plan }\n`)
  for (const name of ['define.mts', 'define.cts']) writeFileSync(join(root, name), DEFINE)
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(SETTINGS))
  for (const owner of [root, ROOT])
    for (const lib of ['es2022,dom', 'es2022']) {
      const tsc = join(owner, 'node_modules', 'typescript', 'bin', 'tsc')
      const compiled = await started(root, process.execPath, tsc, '-p', '.', '--lib', lib)
      expect(compiled, `${tsc} --lib ${lib}`).toMatchObject({ status: 0, stdout: '' })
    }
  for (const name of ['shown.mjs', 'define.mjs', 'define.cjs']) {
    const ran = await started(root, process.execPath, join('out', name))
    expect(ran, name).toMatchObject({ status: 0, stderr: QUIET })
    if (name === 'shown.mjs') expect(ran.stdout).toContain("_tag: 'Right'")
  }
})
