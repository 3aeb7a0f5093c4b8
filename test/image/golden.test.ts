import { flow } from 'fp-ts/function'
import { beforeAll, describe, expect, test } from 'vitest'
import { gaussianBlur } from '../../src/image/blur'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from '../../src/image/color'
import { centerCrop, shortSide } from '../../src/image/crop'
import type { Interpolation } from '../../src/image/filter'
import { flipHorizontal } from '../../src/image/flip'
import { normalize } from '../../src/image/normalize'
import type { Picture } from '../../src/image/picture'
import { resize } from '../../src/image/resize'
import { solarize } from '../../src/image/solarize'
import { augmentJson, augmentTensors, png } from './pictures'

type Apply = (picture: Picture) => Picture
type Channel = 'brightness' | 'contrast' | 'saturation' | 'hue'

interface Jitter {
  readonly factors: Readonly<Record<Channel, number>>
  readonly order: readonly Channel[]
}

/** One operation of the reference, by its name there. */
type Op =
  | {
      readonly op: 'resized_crop'
      readonly left: number
      readonly top: number
      readonly width: number
      readonly height: number
      readonly size: number
      readonly interpolation: Interpolation
    }
  | { readonly op: 'resize_center_crop'; readonly resize: number; readonly crop: number; readonly interpolation: Interpolation }
  | { readonly op: Channel; readonly factor: number }
  | ({ readonly op: 'jitter' } & Jitter)
  | { readonly op: 'gaussian_blur'; readonly radius: number }
  | { readonly op: 'solarize'; readonly threshold: number }
  | { readonly op: 'hflip' }
  | { readonly op: 'grayscale' }
  | ({ readonly op: 'chain'; readonly steps: readonly Step[]; readonly radius: number; readonly threshold: number } & Jitter)
type Step = 'hflip' | 'jitter' | 'gaussian_blur' | 'solarize'

interface Normalization {
  readonly op: 'normalize'
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

type Case<T> = T & { readonly image: string; readonly output: string }

const ADJUST: Readonly<Record<Channel, (factor: number) => Apply>> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
}

const all = (steps: readonly Apply[]): Apply =>
  steps.reduce(
    (before, next) => flow(before, next),
    (picture) => picture,
  )

const jitter = ({ factors, order }: Jitter): Apply => all(order.map((channel) => ADJUST[channel](factors[channel])))

const meaning = (op: Op): Apply => {
  switch (op.op) {
    case 'resized_crop':
      return resize({
        interpolation: op.interpolation,
        box: [op.left, op.top, op.width, op.height],
        size: [op.size, op.size],
      })
    case 'resize_center_crop':
      return (picture) =>
        centerCrop(op.crop)(
          resize({ interpolation: op.interpolation, size: shortSide(op.resize)([picture.height, picture.width]) })(picture),
        )
    case 'jitter':
      return jitter(op)
    case 'gaussian_blur':
      return gaussianBlur(op.radius)
    case 'solarize':
      return solarize(op.threshold)
    case 'hflip':
      return flipHorizontal
    case 'grayscale':
      return grayscale
    case 'chain':
      return all(op.steps.map((step) => meaning({ ...op, op: step })))
    default:
      return ADJUST[op.op](op.factor)
  }
}

const { ops } = augmentJson<{ readonly ops: readonly Case<Op | Normalization>[] }>()
const isNormalization = (op: Case<Op | Normalization>): op is Case<Normalization> => op.op === 'normalize'
const tensors = augmentTensors()

describe('the reference pictures', () => {
  const read = new Map<string, Picture>()

  /** A picture that was read from a file, or one that is a result of the reference. */
  const input = (name: string): Picture => {
    const known = read.get(name)
    if (known !== undefined) return known
    const { shape, data } = tensors.get(name)!
    return { height: shape[0]!, width: shape[1]!, channels: shape[2] as 1 | 3, data: data as Uint8Array }
  }

  beforeAll(async () => {
    read.set('a', await png('augment_a.png'))
    read.set('b', await png('augment_b.png'))
  })

  test.each(['a', 'b'])('picture %s is decoded as the reference decoded it', (name) => {
    expect(input(name)).toEqual(input(`in/${name}`))
  })

  test.each(ops.filter((op) => !isNormalization(op)))('$op of $image equals $output in every value', (op) => {
    const { width, height, channels, data } = meaning(op as Case<Op>)(input(op.image))
    const want = tensors.get(op.output)!
    expect([height, width, channels]).toEqual(want.shape)
    expect(Buffer.compare(data, want.data as Uint8Array)).toBe(0)
  })

  test.each(ops.filter(isNormalization))('normalize of $image equals $output in every bit', ({ image, output, mean, std }) => {
    const picture = input(image)
    const plane = picture.width * picture.height
    const got = normalize(mean, std)(picture)
    const want = tensors.get(output)!
    expect(want.shape).toEqual([3, picture.height, picture.width])
    // The reference has its channels first.
    expect(got).toEqual(Float32Array.from(got, (_, i) => want.data[(i % 3) * plane + Math.floor(i / 3)] as number))
  })
})
