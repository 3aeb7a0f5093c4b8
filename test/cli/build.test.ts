/** What bin/ does in a checkout (there are sources) and in the published package (there are none). */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, folder, ROOT } from './ibot'

const says = (text: string) => `exports.start = () => { process.stdout.write('${text}\\n') }\n`

/** A compiler that copies, which is quicker; a source that says `error` is one. */
const COMPILER = `
const { cpSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const option = (name) => process.argv[process.argv.indexOf(name) + 1]
const fresh = option('--outDir')
cpSync('src', fresh, { recursive: true })
if (readFileSync('src/cli/main.ts', 'utf8').startsWith('error')) {
  process.stdout.write('src/cli/main.ts(1,1): error\\n')
  process.exit(1)
}
renameSync(fresh + '/cli/main.ts', fresh + '/cli/main.js')
writeFileSync(option('--tsBuildInfoFile'), '')
`

/** A checkout whose command line says one word. */
const checkout = (): string => {
  const root = folder({ 'package.json': '{}', 'tsconfig.json': '{}', 'tsconfig.build.json': '{}' })
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true })
  for (const path of ['src/cli', 'node_modules/typescript']) mkdirSync(join(root, path), { recursive: true })
  writeFileSync(join(root, 'node_modules/typescript/package.json'), '{ "bin": { "tsc": "./tsc.js" } }')
  writeFileSync(join(root, 'node_modules/typescript/tsc.js'), COMPILER)
  writeFileSync(join(root, 'src', 'cli', 'main.ts'), says('one'))
  return root
}

const ibot = (root: string) =>
  new Promise<Ended>((resolve) => {
    const child = spawn(process.execPath, [join(root, 'bin', 'ibot.js')], { cwd: root })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text))
    child.on('close', (code) => resolve({ code, ...said }))
  })

const left = (root: string) => readdirSync(root).filter((name) => name.startsWith('dist'))

test('it is built when it is missing or older than the sources, and only then', async () => {
  const root = checkout()
  expect(await ibot(root)).toEqual({ code: 0, stdout: 'one\n', stderr: 'building ibot (dist/ is missing) …\n' })
  expect(await ibot(root)).toEqual({ code: 0, stdout: 'one\n', stderr: '' })
  const main = join(root, 'src', 'cli', 'main.ts')
  writeFileSync(main, says('two'))
  expect(await ibot(root)).toEqual({ code: 0, stdout: 'two\n', stderr: 'building ibot (dist/ is older than src/) …\n' })

  writeFileSync(main, 'error')
  const broken = await ibot(root)
  expect({ code: broken.code, stdout: broken.stdout }).toEqual({ code: 1, stdout: '' })
  expect(broken.stderr).toMatch(/^building .*\nsrc\/cli\/main.ts\(1,1\): error\nibot could not be built: .*\n$/)
  expect(left(root)).toEqual(['dist'])
})

test('a removed source is noticed', async () => {
  const root = checkout()
  const extra = join(root, 'src', 'extra.ts')
  writeFileSync(extra, '')
  await ibot(root)
  rmSync(extra)
  expect((await ibot(root)).stderr).toBe('building ibot (dist/ is older than src/) …\n')
  expect(readdirSync(join(root, 'dist'))).not.toContain('extra.ts')
})

test('several at once do not get into each other’s way', async () => {
  const root = checkout()
  const all = await Promise.all([ibot(root), ibot(root), ibot(root)])
  for (const { code, stdout } of all) expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\n' })
  expect(left(root)).toEqual(['dist'])
})

test('without TypeScript it says how to get it', async () => {
  const root = checkout()
  rmSync(join(root, 'node_modules'), { recursive: true })
  expect(await ibot(root)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'ibot must be built first, and TypeScript is not installed here.\n  Run: npm ci\n',
  })
})

test('the published package is not built', async () => {
  const root = checkout()
  await ibot(root)
  rmSync(join(root, 'src'), { recursive: true })
  utimesSync(join(root, 'dist', '.tsbuildinfo'), 0, 0)
  rmSync(join(root, 'node_modules'), { recursive: true })
  expect(await ibot(root)).toEqual({ code: 0, stdout: 'one\n', stderr: '' })
})
