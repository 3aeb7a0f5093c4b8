/** A folder of small JPEG pictures of two classes. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { random } from '../../src/base/random'

/** Makes the folder; its pictures are class0/0.jpg, class1/1.jpg, class0/2.jpg, … */
export const pictureFolder = async (count: number): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-pictures-'))
  for (let i = 0; i < count; i++) {
    const draw = random(0, 'pictures', i)
    const [width, height] = [20 + draw.integer(20), 20 + draw.integer(20)]
    const pixels = Uint8Array.from({ length: width * height * 3 }, () => draw.integer(256))
    mkdirSync(join(folder, `class${i % 2}`), { recursive: true })
    await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(join(folder, `class${i % 2}`, `${i}.jpg`))
  }
  return folder
}
