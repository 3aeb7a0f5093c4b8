/** Photographs to decode: JPEGs of 500 × 375 pixels, the usual size of ImageNet's, of waves and noise. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { random } from '../src/base/random'

const [WIDTH, HEIGHT] = [500, 375]

/** About 70 kB each, as photographs have. */
const write = async (folder: string, number: number): Promise<void> => {
  const draw = random(0, 'photograph', number)
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 3).map((_, i) => {
    const at = Math.floor(i / 3)
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)]
    return 128 + 60 * Math.sin(x / (31 + number) + (i % 3)) + 40 * Math.cos(y / (17 + number)) + 40 * (draw.uniform() - 0.5)
  })
  await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(join(folder, `${number}.jpg`))
}

/** Lays pictures into a new folder while `use` goes on. */
export const withPictures = async <A>(count: number, use: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  try {
    for (let i = 0; i < count; i++) await write(folder, i)
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
