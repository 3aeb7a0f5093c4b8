/** Nothing in a step reads a tensor's value or draws at random by itself: a graph would freeze it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SRC = join(__dirname, '..', '..', 'src')
const FORBIDDEN =
  /\.(dataSync|arraySync|bytesSync|data|array|bytes)\(\)|Math\.random|tf\.(random|truncatedNormal|multinomial|dropout)/

test.each(['nn', 'ops'])('src/%s reads no tensor and draws nothing', (folder) => {
  const files = readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(5)
  expect(files.filter((file) => FORBIDDEN.test(readFileSync(join(SRC, folder, file), 'utf8')))).toEqual([])
})
