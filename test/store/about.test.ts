/** run.json: what is asked of it, and what is said where it isn't what a run has written. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { missing } from '../../src/base/failure'
import { runPlan } from '../../src/run/run'
import { readAbout, recordedBackend, recordedData } from '../../src/store/about'
import { runFolder } from '../../src/store/folder'
import { tiny } from '../run/tiny'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-about-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const holding = (text: string) => {
  const folder = runFolder(root)
  writeFileSync(folder.about, text)
  return folder
}
const PUT_BACK = 'It belongs to the run; put it back as it was.'

test.each(['tensorflow', 'wasm', 'cpu'])('a run goes on with %s, with which it began', async (backend) => {
  expect(await recordedBackend(holding(JSON.stringify({ backend })))()).toEqual(E.right(backend))
})

test('a run that began elsewhere names none', async () => {
  const folder = holding(JSON.stringify({ imported: { from: 'checkpoint.pth', epoch: null, step: 7 } }))
  expect(await recordedBackend(folder)()).toEqual(E.right(undefined))
  const about = await readAbout(folder)()
  if (E.isLeft(about)) throw new Error(JSON.stringify(about.left))
  expect(recordedData(folder, about.right)).toEqual(E.right(undefined))
})

test.each([
  ['"metal"', "names the backend 'metal', which this version doesn't have"],
  ['3', "names the backend 3, which this version doesn't have"],
])('a backend that is none, %s, is refused: another one may be chosen', async (backend, what) => {
  const folder = holding(`{ "backend": ${backend} }`)
  const remedy = `Choose one of xla, tensorflow, wasm, cpu: ibot run --resume ${root} --backend …`
  expect(await recordedBackend(folder)()).toEqual(E.left(missing(`${folder.about} ${what}`, remedy)))
  expect(await runPlan(tiny(), { resume: root })()).toEqual(E.left(missing(`${folder.about} ${what}`, remedy)))
})

test.each([
  ['{ "backend": ', 'is no JSON'],
  ['', 'is no JSON'],
  ['[]', 'holds no object'],
  ['null', 'holds no object'],
])('%j is told for what it is, whether the backend is asked of it or not', async (text, what) => {
  const folder = holding(text)
  expect(await recordedBackend(folder)()).toEqual(E.left(missing(`${folder.about} ${what}`, PUT_BACK)))
  expect(await runPlan(tiny(), { resume: root, backend: 'cpu' })()).toEqual(E.left(missing(`${folder.about} ${what}`, PUT_BACK)))
})

test('without the data that a run began with it does not go on', async () => {
  const folder = holding('{ "backend": "cpu", "data": { "source": "x" } }')
  expect(await runPlan(tiny(), { resume: root, backend: 'cpu' })()).toEqual(
    E.left(missing(`${folder.about} doesn't say with which data the run began`, PUT_BACK)),
  )
})
