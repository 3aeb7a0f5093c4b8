/** The steps that RandAugment chooses from, and how strong each is at a magnitude: timm's `LEVEL_TO_ARG` and `NAME_TO_OP`. */
import { type Affine, affine, type Fill } from '../../image/affine'
import type { Interpolation } from '../../image/filter'
import { INVERTED, invert } from '../../image/invert'
import { shearX, shearY } from '../../image/shear'
import { solarizeAdd, solarizeAddTable } from '../../image/solarizeAdd'
import { translateX, translateY } from '../../image/translate'
import { stretched } from './autocontrast'
import { brightnessBy } from './brightness'
import { contrastBy } from './contrast'
import { equalized } from './equalize'
import type { Drawn, PictureShape } from './kind'
import { posterizeTo } from './posterize'
import { rotateBy } from './rotate'
import { saturationBy } from './saturation'
import { sharpnessBy } from './sharpness'
import { solarizeFrom } from './solarize'

/** What a step is made of. */
export interface Strength {
  /** 0–10. */
  readonly magnitude: number
  /** Whether what goes both ways goes the other one. */
  readonly negative: boolean
  /** Whether posterize, solarize and the four colour steps grow stronger with the magnitude. */
  readonly increasing: boolean
  readonly interpolation: Interpolation
  readonly fill: Fill
  readonly shape: PictureShape
}

type MakeStep = (strength: Strength) => Drawn

/** The magnitude at which a step is strongest. */
export const STRONGEST = 10

const signed = ({ magnitude, negative }: Strength, most: number): number => {
  const amount = (magnitude / STRONGEST) * most
  return negative ? -amount : amount
}

/** A factor: from 1 on, both ways; or from 0.1 to 1.9. */
const factor = (strength: Strength): number =>
  strength.increasing ? Math.max(0.1, 1 + signed(strength, 0.9)) : (strength.magnitude / STRONGEST) * 1.8 + 0.1

const whole = ({ magnitude }: Strength, most: number): number => Math.trunc((magnitude / STRONGEST) * most)

const negated: Drawn = { name: 'invert', parameters: {}, apply: invert, paint: (canvas) => canvas.point(INVERTED) }

const added = (amount: number): Drawn => ({
  name: 'solarizeAdd',
  parameters: { amount },
  apply: solarizeAdd(amount),
  paint: (canvas) => canvas.point(solarizeAddTable(amount)),
})

const moved =
  (name: string, most: number, matrixOf: (amount: number, size: readonly [number, number]) => Affine): MakeStep =>
  (strength) => {
    const { interpolation, fill, shape } = strength
    const amount = signed(strength, most)
    const matrix = matrixOf(amount, [shape.height, shape.width])
    return { name, parameters: { amount, interpolation, fill }, apply: affine({ matrix, interpolation, fill }) }
  }

/** By timm's names, without what these say of `increasing`; in timm's order. */
export const RAND_AUGMENT_STEPS: Readonly<Record<string, MakeStep>> = {
  AutoContrast: () => stretched,
  Equalize: () => equalized,
  Invert: () => negated,
  Rotate: (strength) => rotateBy(signed(strength, 30), { interpolation: strength.interpolation, fill: strength.fill }),
  // With 0 bits the picture is black, as it was when the recipes were made.
  Posterize: (strength) => posterizeTo(strength.increasing ? 4 - whole(strength, 4) : whole(strength, 4)),
  Solarize: (strength) => solarizeFrom(strength.increasing ? 256 - whole(strength, 256) : whole(strength, 256)),
  SolarizeAdd: (strength) => added(whole(strength, 110)),
  Color: (strength) => saturationBy(factor(strength)),
  Contrast: (strength) => contrastBy(factor(strength)),
  Brightness: (strength) => brightnessBy(factor(strength)),
  Sharpness: (strength) => sharpnessBy(factor(strength)),
  ShearX: moved('shearX', 0.3, shearX),
  ShearY: moved('shearY', 0.3, shearY),
  TranslateXRel: moved('translateX', 0.45, translateX),
  TranslateYRel: moved('translateY', 0.45, translateY),
}
