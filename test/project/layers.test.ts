/** Imports point down only: each folder of src uses those that its row in CONTRIBUTING.md names, and no file is in a circle. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(__dirname, '..', '..')
const SRC = join(ROOT, 'src')

/** The rows of the table, from the bottom to the top. */
const ROOMS: readonly (readonly [room: string, uses: readonly string[]])[] = [
  ...readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| `src\/(\w+)` +\|.*\|(.*)\|$/gm),
].map(([, room, uses]) => [room!, uses!.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))])

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
const textOf = (file: string): string => readFileSync(join(SRC, file), 'utf8')
const roomOf = (file: string): string => file.split('/')[0]!

/** The files of src that a file imports, types included. */
const importsOf = (file: string): readonly string[] =>
  [...textOf(file).matchAll(/(?:from|import|import\() ?'(\.[^']*)'/g)].flatMap(([, path]) => {
    const named = relative(SRC, join(SRC, file, '..', path!)).replace(/\.js$/, '')
    return [`${named}.ts`, `${named}.tsx`].filter((one) => existsSync(join(SRC, one)))
  })
const graph = new Map(files.map((file) => [file, importsOf(file)]))

test('every folder of src has its row, and a row names rows above it only', () => {
  const rooms = ROOMS.map(([room]) => room)
  expect([...rooms].sort()).toEqual([...new Set(files.filter((file) => file.includes('/')).map(roomOf))].sort())
  expect(
    ROOMS.flatMap(([room, uses], i) => uses.filter((one) => !rooms.slice(0, i).includes(one)).map((one) => `${room}: ${one}`)),
  ).toEqual([])
})

test.each(ROOMS)('src/%s imports from itself and from what its row names', (room, uses) => {
  const own = files.filter((file) => file.startsWith(`${room}/`))
  const used = own
    .flatMap((file) => graph.get(file)!.map((other) => [file, other] as const))
    .filter(([, other]) => roomOf(other) !== room)
  expect(used.filter(([, other]) => !uses.includes(roomOf(other))).map((pair) => pair.join(' imports '))).toEqual([])
  expect(uses.filter((one) => !used.some(([, other]) => roomOf(other) === one))).toEqual([])
})

test('no file is in a circle of imports', () => {
  // Leaves are taken away until nothing but circles, and what leads to them, remains.
  const left = new Map([...graph].map(([file, others]) => [file, new Set(others)]))
  for (let leaf = true; leaf; ) {
    leaf = false
    for (const [file, others] of left) {
      for (const other of others) if (!left.has(other)) others.delete(other)
      if (others.size > 0) continue
      left.delete(file)
      leaf = true
    }
  }
  expect([...left.keys()]).toEqual([])
})

test('no source file is longer than 400 lines', () => {
  expect(files.filter((file) => textOf(file).split('\n').length > 400)).toEqual([])
})

test('the language knows no tensors', () => {
  expect(files.filter((file) => file.startsWith('dsl/') && textOf(file).includes('@tensorflow'))).toEqual([])
})
