/** The figures of the docs: for each augmentation and each mask the scene, and what is made of it by the docs' own example. */
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { stringify } from 'yaml'
import { random } from '../../src/base/random'
import { decoder } from '../../src/dsl/decode'
import { exampleOf } from '../../src/dsl/example'
import { meaningOf } from '../../src/dsl/meaning'
import type { Registry } from '../../src/dsl/registry'
import type { OpSpec } from '../../src/dsl/spec'
import { type AnyKind, type Json, type Op, op } from '../../src/dsl/type'
import type { Picture } from '../../src/image/picture'
import { toWebp } from '../../src/io/encode'
import { type Augmentation, augmentation } from '../../src/ops/augmentation/kind'
import { type Mask, mask } from '../../src/ops/mask/kind'
import { fitted } from '../../src/view/fitted'
import { withMask } from '../../src/view/paint'
import { drawnPicture } from '../../src/view/seen'
import { sheetOf } from '../../src/view/sheet'
import { scene } from './scene'

/** The size of the picture, as that of global views, and of a picture in a figure. */
export const SIDE = 224
const SHOWN = 96
/** How many draws a figure shows, of so many at most: those that come out differently. */
const DRAWS = 4
const TRIES = 24
/** Patches of 16 × 16. */
const GRID = { height: 14, width: 14 }
/** From one draw to the next, so that masks that begin later are seen too. */
const EPOCHS = 50
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

const same = (a: Picture, b: Picture): boolean => Buffer.compare(a.data, b.data) === 0

/** The first few pictures that differ. */
const different = (draw: (i: number) => Picture): readonly Picture[] => {
  const found: Picture[] = []
  for (let i = 0; i < TRIES && found.length < DRAWS; i++) {
    const next = draw(i)
    if (!found.some((one) => same(one, next))) found.push(next)
  }
  return found
}

/** Parameters with which more is seen than with those of the example. */
const TELLING: Readonly<Record<string, Json>> = {
  centerCrop: { size: 112 },
  coarse: { size: 2, mask: { random: { ratio: 0.4 } } },
  colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
  gaussianBlur: { radius: [2, 8] },
  oneOf: { augmentations: ['grayscale', 'horizontalFlip', { solarize: 128 }, { rotate: 30 }] },
  posterize: { bits: 2 },
  randomOrder: { augmentations: [{ solarize: 128 }, { brightness: [1.5, 1.5] }, 'grayscale'] },
  repeat: { times: 3, augmentations: [{ rotate: 15 }] },
  resize: { size: 112 },
  rotate: { degrees: 30 },
  sequence: { augmentations: [{ rotate: 30 }, 'grayscale'] },
  sharpness: { amount: [0, 20] },
  union: { masks: [{ block: { ratio: 0.3 } }, { random: { ratio: 0.2 } }] },
}

const telling = (registry: Registry, spec: OpSpec) =>
  spec.name in TELLING ? { [spec.name]: TELLING[spec.name]! } : exampleOf(registry, spec)!

/** What an op means that is written as in a pipeline. */
export const meant = (registry: Registry, kind: AnyKind, written: object): unknown => {
  const decoded = decoder(registry, op(kind)).decode(written)
  if (E.isLeft(decoded)) throw new Error(`a figure's op doesn't decode: ${JSON.stringify(written)}`)
  return meaningOf(registry, kind, decoded.right as Op)
}

/** A picture to the scale of a figure. */
const small = (picture: Picture): Picture => fitted(Math.round((Math.max(picture.width, picture.height) * SHOWN) / SIDE))(picture)

const augmented = (registry: Registry, spec: OpSpec, original: Picture): readonly Picture[] => {
  const made = meant(registry, augmentation, telling(registry, spec)) as Augmentation
  return different((i) => small(drawnPicture(original, made.draw(random(i, 'figure', spec.name), original), IMAGENET)))
}

const masked = (registry: Registry, spec: OpSpec, original: Picture): readonly Picture[] => {
  const made = meant(registry, mask, telling(registry, spec)) as Mask
  return different((i) => small(withMask(original, made(random(i, 'figure', spec.name), GRID, i * EPOCHS), GRID)))
}

const MAKERS: Readonly<Record<string, typeof augmented>> = { [augmentation.name]: augmented, [mask.name]: masked }

export const hasFigure = (spec: OpSpec): boolean => spec.kind.name in MAKERS

/** Where an op's figure is, below docs/. */
export const figureFile = (spec: OpSpec): string => `figures/${spec.name}.webp`

/** The Markdown that shows an op's figure; undefined where it has none. */
export const figureMarkdown = (registry: Registry, spec: OpSpec): string | undefined =>
  hasFigure(spec)
    ? `![A picture, and what ${spec.name} makes of it](${figureFile(spec)})\n\nThe picture, and what comes of it by \`${flow(telling(registry, spec))}\`.`
    : undefined

const flow = (value: object): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .replace(/^\{ (.*) \}$/, '$1')
    .replaceAll('"', '')

/** The scene, and beside it what an op makes of it, as far as draws differ. */
export const figureOf = (registry: Registry, spec: OpSpec): Promise<Picture> => {
  const original = scene(SIDE)
  return sheetOf([[small(original), ...MAKERS[spec.kind.name]!(registry, spec, original)]])
}

/** How a figure is stored: small, and not exact. */
export const encoded = toWebp

/** The mean gap, in levels of 255, up to which two encoders have stored the same picture. */
const GAP = 2

const pixels = (file: Uint8Array) => sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })

/** Whether two encoded pictures show the same: encoders differ from version to version. */
export const alike = async (a: Uint8Array, b: Uint8Array): Promise<boolean> => {
  const [one, other] = [await pixels(a), await pixels(b)]
  if (one.info.width !== other.info.width || one.info.height !== other.info.height) return false
  return one.data.reduce((sum, value, i) => sum + Math.abs(value - other.data[i]!), 0) / one.data.length <= GAP
}
