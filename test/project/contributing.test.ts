/** The op that CONTRIBUTING.md adds is added, to a copy of the sources, by the one file and the one line that it names. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TINY } from '../cli/ibot'

const ROOT = join(__dirname, '..', '..')
const guide = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

/** What building and generating take. */
const COPIED = [
  ...[
    'assembly',
    'bench/scaling',
    'bin',
    'browser',
    'docs',
    'pipelines',
    'src',
    'test/browserScript.ts',
    'test/dependencies.ts',
    'test/docs',
    'test/generate.ts',
    'test/kernels.ts',
  ],
  ...['LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
]

describe('an op is one file and one line', () => {
  let copy: string
  const ibot = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/ibot.js', ...args], { cwd: copy, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  const readCopy = (file: string): string => readFileSync(join(copy, file), 'utf8')

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'ibot-op-'))
    for (const path of COPIED) {
      mkdirSync(join(copy, dirname(path)), { recursive: true })
      cpSync(join(ROOT, path), join(copy, path), { recursive: true })
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    // The file.
    const [, file] = /\*\*The file\.\*\* `([^`]*)`/.exec(guide)!
    const [, text] = /```ts\n([\s\S]*?)```/.exec(guide)!
    writeFileSync(join(copy, file!), text!.replace(/^ {3}/gm, ''))
    // The line, in its place.
    const [, list] = /\*\*The line\.\*\* In `([^`]*)`/.exec(guide)!
    const [line] = /export \{ invert \} from '[^']*'/.exec(guide)!
    const [doc, ...lines] = readCopy(list!).trimEnd().split('\n')
    const from = (one: string): string => one.slice(one.indexOf(' from '))
    const all = [...lines, line].sort((a, b) => (from(a) < from(b) ? -1 : 1))
    writeFileSync(join(copy, list!), [doc, ...all, ''].join('\n'))
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  test('it compiles, and explain knows it', () => {
    const { status, stdout, stderr } = ibot('explain', 'invert')
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'building ibot (dist/ is missing) …\n' })
    expect(stdout).toContain('invert: an augmentation')
    expect(stdout).toContain('torchvision.transforms.functional.invert')
  })

  test('one command writes it into the docs and the schema', () => {
    const { scripts } = JSON.parse(readCopy('package.json')) as { readonly scripts: { readonly generate: string } }
    const { status, stdout } = spawnSync(scripts.generate, {
      cwd: copy,
      encoding: 'utf8',
      shell: true,
      env: { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}` },
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'docs/ops.md\npipelines/schema.json\ndocs/figures/invert.webp\n' })
    expect(readCopy('docs/ops.md')).toContain('### invert\n')
    expect(JSON.stringify(JSON.parse(readCopy('pipelines/schema.json')))).toContain('"invert"')
  })

  test('a pipeline in YAML and an ES module use it', () => {
    const augment = /augment: \{ randomResizedCrop: (\{[^}]*\}) \}/
    writeFileSync(join(copy, 'mine.yaml'), TINY.replace(augment, 'augment: [randomResizedCrop: $1, invert: { p: 0.5 }]'))
    writeFileSync(
      join(copy, 'mine.mjs'),
      `import { invert } from 'ibot'
import { createRequire } from 'node:module'
const load = createRequire(import.meta.url)
const { applyAll } = load('./dist/ops/augmentation/kind.js')
const { random } = load('./dist/base/random.js')
const picture = { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 200) }
const { data } = applyAll(invert.spec.build({}).draw(random(0), picture).steps, picture)
console.log(JSON.stringify([invert({ p: 1 }), [...data]]))
`,
    )
    const { stdout } = spawnSync(process.execPath, ['mine.mjs'], { cwd: copy, encoding: 'utf8' })
    expect(JSON.parse(stdout)).toEqual([{ sometimes: { p: 1, augmentations: [{ invert: {} }] } }, [255, 55]])
    expect(ibot('show', 'mine.yaml')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('sometimes: { p: 0.5, augmentations: [invert: {}] }'),
    })
  })
})

test('the folders that the guide names exist', () => {
  const named = [...guide.matchAll(/^\| `(src\/\w+)`/gm)].map(([, folder]) => folder!)
  expect(named.length).toBeGreaterThan(8)
  for (const folder of named) expect(readdirSync(join(ROOT, folder)).length).toBeGreaterThan(0)
})

test('the files that the guide names exist, and the folders of those that are to be added', () => {
  const paths = [...guide.matchAll(/`((?:assembly|bench|docs|examples|pipelines|src|test)\/[\w./-]+)`/g)].map(([, path]) => path!)
  const wanted = paths.filter((path) => !path.includes('invert')).map((path) => path.replace(/\/x(\.ts|\/)$/, ''))
  expect(wanted.length).toBeGreaterThan(40)
  expect(wanted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})
