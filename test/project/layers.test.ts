/** Imports point down only: each folder of src may use those listed for it, and nothing above it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const SRC = join(__dirname, '..', '..', 'src')
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  image: ['base'],
  metric: [],
  nn: ['base'],
  dsl: ['base'],
  tensorflow: ['base'],
  io: ['base', 'image'],
  weights: ['base', 'io', 'nn'],
  ops: ['base', 'dsl', 'image', 'io', 'nn', 'weights'],
  interpret: ['base', 'dsl', 'image', 'io', 'metric', 'nn', 'ops', 'tensorflow'],
  view: ['base', 'image', 'interpret', 'io', 'ops'],
  run: ['base', 'dsl', 'image', 'interpret', 'io', 'metric', 'nn', 'ops', 'tensorflow', 'view', 'weights'],
  export: ['base', 'dsl', 'image', 'interpret', 'io', 'nn', 'ops', 'run', 'tensorflow'],
  import: ['base', 'dsl', 'interpret', 'io', 'nn', 'ops', 'run', 'weights'],
  report: ['base', 'dsl', 'export', 'image', 'interpret', 'io', 'nn', 'ops', 'run', 'view'],
  cli: ['base', 'dsl', 'export', 'import', 'interpret', 'io', 'nn', 'ops', 'report', 'run', 'tensorflow', 'view', 'weights'],
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import|import\() ?'(\.[^']*)'/g)].map(
    ([, path]) => relative(SRC, join(SRC, file, '..', path!)).split('/')[0]!,
  )

test.each(Object.keys(MAY_USE))('src/%s imports from itself and the folders below it only', (folder) => {
  const own = files.filter((file) => file.startsWith(`${folder}/`))
  expect(own.length).toBeGreaterThan(0)
  const upward = own.flatMap((file) =>
    importsOf(file)
      .filter((other) => other !== folder && !MAY_USE[folder]!.includes(other))
      .map((other) => `${file} imports ${other}`),
  )
  expect(upward).toEqual([])
})

test('every folder of src has its place', () => {
  expect([...new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))].sort()).toEqual(
    Object.keys(MAY_USE).sort(),
  )
})

test('no source file is longer than 400 lines', () => {
  expect(files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 400)).toEqual([])
})

test('the language knows no tensors', () => {
  expect(
    files.filter((file) => file.startsWith('dsl/') && readFileSync(join(SRC, file), 'utf8').includes('@tensorflow')),
  ).toEqual([])
})
