import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const source = join(__dirname, '..', '..', 'src')
const files = ['ops', 'nn'].flatMap((folder) =>
  readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
)

it('finds the ops and the networks', () => {
  expect(files.length).toBeGreaterThan(50)
})

it.each(files)('%s neither waits for the values of a tensor nor draws at random by itself', (file) => {
  expect(readFileSync(join(source, file), 'utf8')).not.toMatch(
    /\b(dataSync|arraySync|bytesSync|bufferSync)\b|\.(data|array|bytes|buffer)\(\)|Math\.random|tf\.(random|multinomial|truncatedNormal|dropout)|Date\.now/,
  )
})
