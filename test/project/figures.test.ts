/** The pictures of the docs are what their code draws, small, and all of them shown. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { registry } from '../../src/ops/registry'
import { alike, encoded, figureFile, figureOf, hasFigure } from '../docs/figures'
import { overview, sameDrawing } from '../docs/overview'
import { resultChart } from '../docs/result'
import { scene } from '../docs/scene'
import { stale } from '../stale'
import { DOCUMENTS, links, read } from './documents'

const FIGURES = join(__dirname, '..', '..', 'docs', 'figures')
const DRAWN = registry.ops.filter(hasFigure)

test.each(DRAWN)('the figure of $name is up to date', async (spec) => {
  const file = `docs/${figureFile(spec)}`
  const stored = readFileSync(join(__dirname, '..', '..', file))
  expect(await alike(stored, await encoded(await figureOf(registry, spec))), stale(file)).toBe(true)
})

test('figures of different ops are told apart', async () => {
  const [grey, flipped] = ['grayscale', 'horizontalFlip'].map((name) => readFileSync(join(FIGURES, `${name}.webp`)))
  expect(await alike(grey!, flipped!)).toBe(false)
})

test('the overview is up to date', async () => {
  expect(await sameDrawing(read('docs/figures/overview.svg'), await overview(registry)), stale('overview.svg')).toBe(true)
})

test("the picture of the quickstart's run is up to date", () => {
  expect(read('docs/figures/quickstart.svg'), stale('quickstart.svg')).toBe(
    resultChart(JSON.parse(read('test/docs/quickstart.json'))),
  )
})

test('its numbers are those that the README tells', () => {
  const { knn, pixels } = JSON.parse(read('test/docs/quickstart.json')) as {
    readonly knn: readonly (readonly [number, number])[]
    readonly pixels: number
  }
  const [, before, after, raw] = /(0\.\d+) before, (0\.\d+) after, (0\.\d+) for the pixels/.exec(read('README.md'))!.map(Number)
  expect(Math.abs(knn[0]![1] - before!)).toBeLessThan(1e-3)
  expect(Math.abs(knn[knn.length - 1]![1] - after!)).toBeLessThan(1e-3)
  expect(Math.abs(pixels - raw!)).toBeLessThan(1e-3)
})

test('all figures are shown somewhere, and none is large', () => {
  const shown = new Set(DOCUMENTS.flatMap((document) => links(read(document))).map((link) => link.split('/').at(-1)))
  const files = readdirSync(FIGURES)
  expect(files.length).toBeGreaterThan(DRAWN.length)
  expect(files.filter((file) => !shown.has(file))).toEqual([])
  expect(files.filter((file) => statSync(join(FIGURES, file)).size > 40_000)).toEqual([])
})

test('the scene is a picture with all kinds of colours', () => {
  const { data } = scene(32)
  const colors = new Set(
    Array.from({ length: 32 * 32 }, (_, i) => `${data[3 * i]! >> 6}${data[3 * i + 1]! >> 6}${data[3 * i + 2]! >> 6}`),
  )
  expect(colors.size).toBeGreaterThan(8)
})
