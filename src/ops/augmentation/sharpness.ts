import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustSharpness } from '../../image/sharpness'
import { byAmount, drawnAmount, factorAmount } from './amount'
import { augmentation } from './kind'

/** All distances from the smoothed picture multiplied by `amount`. */
export const sharpnessBy = byAmount('sharpness', adjustSharpness)

export const sharpness = define(augmentation)({
  name: 'sharpness',
  doc: 'Moves every pixel away from, or towards, the mean of its neighbourhood, by a random factor: sharper or smoother.',
  source: 'Pillow ImageEnhance.Sharpness; torchvision.transforms.RandomAdjustSharpness, whose factor is not random',
  fields: { amount: required(factorAmount, 'how far the factor may be from 1, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawnAmount(sharpnessBy, 1)(amount),
})
