import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { missing } from '../../src/base/failure'
import { decodePicture } from '../../src/io/decode'

/**
 * Small files written by Pillow 13.0, with what its convert('RGB') and convert('L') make of them, in base64. One file only says that
 * it is large.
 */
interface Fixture {
  readonly file: string
  readonly width: number
  readonly height: number
  readonly rgb: string
  readonly grey: string
}
const { 'picture of 20000×20000': large, ...fixtures } = JSON.parse(
  readFileSync(join(__dirname, 'pillow.json'), 'utf8'),
) as Record<string, Fixture>
/** The same, with what ImageOps.exif_transpose makes of them before. */
const turned = JSON.parse(readFileSync(join(__dirname, 'pillowExif.json'), 'utf8')) as Record<string, Fixture>
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const CURE = 'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.'

const folder = mkdtempSync(join(tmpdir(), 'ibot-decode-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('decodePicture', () => {
  it.each(Object.entries(fixtures))('decodes a %s as Pillow does', async (_, { file, width, height, rgb, grey }) => {
    expect(await decodePicture(bytesOf(file), { channels: 3 })).toEqual(
      E.right({ width, height, channels: 3, data: bytesOf(rgb) }),
    )
    expect(await decodePicture(bytesOf(file), { channels: 1 })).toEqual(
      E.right({ width, height, channels: 1, data: bytesOf(grey) }),
    )
  })

  it.each(Object.entries(turned))(
    'turns a %s where that is asked for, as Pillow does',
    async (_, { file, width, height, rgb, grey }) => {
      const exif = 'apply'
      expect(await decodePicture(bytesOf(file), { channels: 3, exif })).toEqual(
        E.right({ width, height, channels: 3, data: bytesOf(rgb) }),
      )
      expect(await decodePicture(bytesOf(file), { channels: 1, exif })).toEqual(
        E.right({ width, height, channels: 1, data: bytesOf(grey) }),
      )
    },
  )

  it('leaves a picture as it is stored where that is not asked for', async () => {
    const { file } = turned['PNG of orientation 6']!
    const { rgb } = turned['PNG of orientation 1']!
    for (const exif of ['ignore', undefined] as const)
      expect(await decodePicture(bytesOf(file), { channels: 3, ...(exif && { exif }) })).toEqual(
        E.right({ width: 3, height: 2, channels: 3, data: bytesOf(rgb) }),
      )
  })

  it('reads a file by its path, whatever its extension', async () => {
    const { file, width, height, rgb } = fixtures['colour PNG']!
    writeFileSync(join(folder, 'a.jpg'), bytesOf(file))
    expect(await decodePicture(join(folder, 'a.jpg'), { channels: 3 })).toEqual(
      E.right({ width, height, channels: 3, data: bytesOf(rgb) }),
    )
  })

  it('names a file that is no picture', async () => {
    const path = join(folder, 'notes.png')
    writeFileSync(path, 'not a picture')
    expect(await decodePicture(path, { channels: 3 })).toEqual(
      E.left(missing(`${path} cannot be decoded: Input buffer contains unsupported image format`, CURE)),
    )
  })

  it('names a file that is not there', async () => {
    const path = join(folder, 'gone.png')
    expect(await decodePicture(path, { channels: 3 })).toEqual(
      E.left(
        missing(
          `cannot read the picture ${path}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
  })

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff'] as const)('refuses a %s picture that is cut off', async (format) => {
    const noise = sharp({
      create: { width: 64, height: 64, channels: 3, background: 'grey', noise: { type: 'gaussian', mean: 128, sigma: 30 } },
    })
    const whole = await noise.toFormat(format).toBuffer()
    expect(await decodePicture(whole.subarray(0, whole.length / 2), { channels: 3 }, 'half')).toEqual(
      E.left(missing(expect.stringMatching(/^half cannot be decoded: ./), CURE)),
    )
  })

  it('refuses formats that Pillow would not read', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>')
    expect(await decodePicture(svg, { channels: 3 }, 'a.png')).toEqual(
      E.left(missing('a.png cannot be decoded: it is svg, which is not read here', CURE)),
    )
  })

  it('refuses an empty file', async () => {
    expect(await decodePicture(new Uint8Array(0), { channels: 1 })).toEqual(
      E.left(missing('the picture cannot be decoded: it is empty', CURE)),
    )
  })

  it('refuses a picture that Pillow takes for a decompression bomb, before it decodes it', async () => {
    expect(await decodePicture(bytesOf(large!.file), { channels: 3 }, 'a.png')).toEqual(
      E.left(missing('a.png cannot be decoded: it has more than 178,956,970 pixels', CURE)),
    )
  })
})
