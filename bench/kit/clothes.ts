/** A small part of Fashion-MNIST for fashion-mnist.yaml: the first pictures, whose classes come in turn. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { fashionMnist } from '../../src/io/fashionMnist'
import { serialize } from '../../src/io/idx'
import type { Split } from '../../src/io/npmPackage'

const COUNTS = { train: 10_000, test: 2_000 } as const
const SIDE = 28

/** Where they are in the kit. */
const FOLDER = 'clothes'
const files = (kit: string, split: Split) => ({
  images: join(kit, FOLDER, `${split}-images.gz`),
  labels: join(kit, FOLDER, `${split}-labels.gz`),
})

/** A source that a pipeline takes, in YAML. */
export const clothes = (kit: string, split: Split): string => `idx: ${JSON.stringify(files(kit, split))}`

const writeSplit = async (kit: string, split: Split): Promise<void> => {
  const source = await fashionMnist(split)()
  if (E.isLeft(source)) throw new Error(failureText(source.left))
  const count = COUNTS[split]
  const pixels = new Uint8Array(count * SIDE * SIDE)
  for (let i = 0; i < count; i++) {
    const picture = await source.right.read(i)
    if (E.isLeft(picture)) throw new Error(`picture ${i} of Fashion-MNIST cannot be read`)
    pixels.set(picture.right.data, i * SIDE * SIDE)
  }
  const labels = Uint8Array.from({ length: count }, (_, i) => source.right.label(i)!)
  const { images, labels: file } = files(kit, split)
  await writeFile(images, gzipSync(serialize({ shape: [count, SIDE, SIDE], data: pixels }), { level: 9 }))
  await writeFile(file, gzipSync(serialize({ shape: [count], data: labels }), { level: 9 }))
}

export const writeClothes = async (kit: string): Promise<void> => {
  await mkdir(join(kit, FOLDER), { recursive: true })
  for (const split of ['train', 'test'] as const) await writeSplit(kit, split)
}
