/** Pixel operations, bit for bit, and the boxes of random crops. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { random } from '../../src/base/random'
import { gaussianBlur } from '../../src/image/blur'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from '../../src/image/color'
import { centerCrop, resizedCropBox, shortSide } from '../../src/image/crop'
import { flipHorizontal } from '../../src/image/flip'
import { normalize } from '../../src/image/normalize'
import type { Picture } from '../../src/image/picture'
import { resize } from '../../src/image/resize'
import { solarize } from '../../src/image/solarize'
import { decodePicture } from '../../src/io/decode'
import { type Check, matches, near, same, wrong } from './check'
import { described, type Fixture } from './fixture'
import { histogram, meanOf, sameHistogram, sameMean } from './statistics'

const Mean = t.type({ mean: t.number, stderr: t.number })
const Drawn = t.type({
  image: t.string,
  draws: t.number,
  scale: t.tuple([t.number, t.number]),
  ratio: t.tuple([t.number, t.number]),
  area: Mean,
  center_x: Mean,
  center_y: Mean,
  log_width_over_height: Mean,
  area_hist: t.array(t.number),
  log_aspect_hist: t.array(t.number),
})
const Op = t.intersection([
  t.type({ op: t.string, image: t.string, output: t.string }),
  t.partial({
    left: t.number,
    top: t.number,
    width: t.number,
    height: t.number,
    size: t.number,
    resize: t.number,
    crop: t.number,
    interpolation: t.union([t.literal('bicubic'), t.literal('bilinear')]),
    factor: t.number,
    radius: t.number,
    threshold: t.number,
    factors: t.record(t.string, t.number),
    order: t.array(t.string),
    steps: t.array(t.string),
    mean: t.array(t.number),
    std: t.array(t.number),
  }),
])
type Op = t.TypeOf<typeof Op>
const Description = t.type({
  config: t.type({ images: t.record(t.string, t.type({ file: t.string })) }),
  ops: t.array(Op),
  random_resized_crop_stats: t.record(t.string, Drawn),
})

type Apply = (picture: Picture) => Picture
const all =
  (steps: readonly Apply[]): Apply =>
  (picture) =>
    steps.reduce((before, step) => step(before), picture)

const ADJUST: Readonly<Record<string, (factor: number) => Apply>> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
}

/** What an op of the reference does, by its name; undefined for one that isn't known. */
const meaning = (o: Op): Apply | undefined => {
  const interpolation = o.interpolation ?? 'bicubic'
  switch (o.op) {
    case 'hflip':
      return flipHorizontal
    case 'grayscale':
      return grayscale
    case 'solarize':
      return solarize(o.threshold!)
    case 'gaussian_blur':
      return gaussianBlur(o.radius!)
    case 'resized_crop':
      return resize({ interpolation, box: [o.left!, o.top!, o.width!, o.height!], size: [o.size!, o.size!] })
    case 'resize_center_crop':
      return (picture) =>
        centerCrop(o.crop!)(resize({ interpolation, size: shortSide(o.resize!)([picture.height, picture.width]) })(picture))
    case 'jitter':
      return all(o.order!.map((channel) => ADJUST[channel]!(o.factors![channel]!)))
    case 'chain':
      return all(o.steps!.map((step) => meaning({ ...o, op: step })!))
    default:
      return ADJUST[o.op]?.(o.factor!)
  }
}

/** The colours of a picture one plane after the other, as the reference has its floats. */
const planes = (values: Float32Array, channels: number): Float32Array =>
  Float32Array.from(values, (_, i) => {
    const plane = values.length / channels
    return values[(i % plane) * channels + Math.floor(i / plane)]!
  })

const checkOp = (fixture: Fixture, o: Op, picture: Picture): Check => {
  if (o.op === 'normalize') {
    const values = planes(normalize(o.mean!, o.std!)(picture), picture.channels)
    return matches(fixture, o.output, { values, shape: [picture.channels, picture.height, picture.width] })
  }
  const apply = meaning(o)
  if (apply === undefined) return wrong(o.output, `there is no ${o.op}`)
  const { data, height, width, channels } = apply(picture)
  return matches(fixture, o.output, { values: data, shape: [height, width, channels] })
}

const BINS = 20
const edges = (from: number, to: number): readonly number[] =>
  Array.from({ length: BINS + 1 }, (_, i) => from + ((to - from) * i) / BINS)

const checkBoxes = (name: string, want: t.TypeOf<typeof Drawn>, { height, width }: Picture): readonly Check[] => {
  const boxes = Array.from({ length: want.draws }, (_, i) =>
    resizedCropBox(random('parity', name, i), [height, width], want.scale, want.ratio),
  )
  const area = boxes.map(([, , w, h]) => (w * h) / (width * height))
  const aspect = boxes.map(([, , w, h]) => Math.log(w / h))
  return [
    sameMean(`${name}/area`, meanOf(area), want.area),
    sameMean(`${name}/center_x`, meanOf(boxes.map(([left, , w]) => (left + w / 2) / width)), want.center_x),
    sameMean(`${name}/center_y`, meanOf(boxes.map(([, top, , h]) => (top + h / 2) / height)), want.center_y),
    sameMean(`${name}/log_width_over_height`, meanOf(aspect), want.log_width_over_height),
    sameHistogram(`${name}/area_hist`, histogram(area, edges(0, 1)), want.area_hist),
    sameHistogram(`${name}/log_aspect_hist`, histogram(aspect, edges(-0.4, 0.4)), want.log_aspect_hist),
  ]
}

export const checkAugment = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, ops, random_resized_crop_stats: drawn } = described(Description, fixture)
  const stored = (name: string): Picture => {
    const [height, width, channels] = fixture.shape(name) as [number, number, 1 | 3]
    return { height, width, channels, data: Uint8Array.from(fixture.integers(name)) }
  }
  const picture = (name: string): Picture => stored(name in config.images ? `in/${name}` : name)
  const decoded = await Promise.all(
    Object.entries(config.images).map(async ([name, { file }]): Promise<Check> => {
      const got = await decodePicture(join(fixture.folder, file), { channels: 3 })
      if (E.isLeft(got)) return wrong(`in/${name}`, `${file} cannot be read`)
      const size = same(`in/${name}`, [got.right.height, got.right.width], [picture(name).height, picture(name).width])
      return size.share === 0 ? near(`in/${name}`, got.right.data, picture(name).data, { atol: 0, rtol: 0 }) : size
    }),
  )
  return [
    ...decoded,
    ...ops.map((o) => checkOp(fixture, o, picture(o.image))),
    ...Object.entries(drawn).flatMap(([name, want]) => checkBoxes(name, want, picture(want.image))),
  ]
}
