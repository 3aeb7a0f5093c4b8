/** docs/tutorial.md, done as it is written, on some small pictures and for fewer epochs. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { BIN, folder, ROOT } from '../cli/ibot'
import { blocks, read } from './documents'

const TUTORIAL = read('docs/tutorial.md')
const EXAMPLE = readFileSync(join(ROOT, 'examples', 'neighbours.mjs'), 'utf8')

/** Circles and squares in several colours, 0000.png to 0015.png. */
const writePictures = async (path: string): Promise<void> => {
  mkdirSync(path)
  for (let i = 0; i < 16; i++) {
    const shape =
      i % 2 === 0 ? '<circle cx="40" cy="36" r="24" fill="#a33"/>' : '<rect x="20" y="14" width="44" height="44" fill="#36a"/>'
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="72"><rect width="80" height="72" fill="hsl(${40 * i} 40% 80%)"/>${shape}</svg>`
    await sharp(Buffer.from(drawn))
      .png()
      .toFile(join(path, `${String(i).padStart(4, '0')}.png`))
  }
}

test('its module is the example', () => {
  expect(blocks(TUTORIAL, 'js')).toEqual([EXAMPLE])
})

test('its commands, one after the other, end with the nearest neighbours', { timeout: 300_000 }, async () => {
  const cwd = folder()
  await writePictures(join(cwd, 'photos'))
  const [yaml] = blocks(TUTORIAL, 'yaml')
  const shorter = yaml!.replace('epochs: 100, batch: 32', 'epochs: 2, batch: 8')
  expect(shorter).not.toBe(yaml)
  writeFileSync(join(cwd, 'mine.yaml'), shorter)
  writeFileSync(join(cwd, 'neighbours.mjs'), EXAMPLE)
  // What it writes `npx ibot` for is here the command of this checkout.
  const said = blocks(TUTORIAL, 'sh').map((line) => {
    const command = line.trim().replace('npx ibot', `"${process.execPath}" "${BIN}"`)
    const { status, stdout, stderr } = spawnSync(command, { cwd, shell: true, encoding: 'utf8' })
    expect(status, `${line}${stderr}`).toBe(0)
    return stdout
  })
  expect(said).toHaveLength(6)
  expect(said[0]).toMatch(/pictures +16\n/)
  expect(said[1]).toContain('ok  mine.yaml')
  for (const file of ['seen.png', 'seen.html', 'runs/mine/report.html', 'features.jsonl'])
    expect(existsSync(join(cwd, file)), file).toBe(true)
  const [first] = readFileSync(join(cwd, 'features.jsonl'), 'utf8').split('\n')
  const told = Number(/here (\d+) numbers/.exec(TUTORIAL)![1])
  expect((JSON.parse(first!) as { readonly features: readonly number[] }).features).toHaveLength(told)
  const near = said[5]!.trim().split('\n')
  expect(near).toHaveLength(3)
  for (const line of near) expect(line).toMatch(/^-?[01]\.\d{3} photos\/00\d\d\.png$/)
  const cosines = near.map((line) => Number(line.split(' ')[0]))
  expect(cosines).toEqual([...cosines].sort((a, b) => b - a))
  expect(said[5]).not.toContain('0007.png')
})
