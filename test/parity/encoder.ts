/** A backbone's outputs and gradients for the inputs of a fixture, whatever its kind. */
import * as tf from '@tensorflow/tfjs-core'
import * as t from 'io-ts'
import type { Encoder, OpenEncoder } from '../../src/nn/encoder'
import { evaluation } from '../../src/nn/layer'
import { differentiate } from '../../src/program/differentiate'
import { type Check, gives, matches, near, same } from './check'
import { described, type Fixture } from './fixture'
import { images, mask, tensor } from './layout'

const Description = t.type({
  config: t.type({ inputs: t.UnknownRecord, n_last_blocks: t.number }),
  grad_l2_norm: t.record(t.string, t.record(t.string, t.number)),
})

/** What the official code keeps with its weights, though it follows from their shapes. */
export const isDerived = (name: string): boolean => name.endsWith('.relative_position_index')

const length = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0))

export const checkEncoder = async (fixture: Fixture, encoder: Encoder): Promise<readonly Check[]> => {
  const { config, grad_l2_norm: norms } = described(Description, fixture)
  const { blocks, lastAttention } = encoder as OpenEncoder
  const specs = encoder.maskedWeights
  const bare = fixture.names.filter((name) => !name.includes('/') && !isDerived(name))
  const weights = Object.fromEntries(bare.map((name) => [name, tensor(fixture, name)]))
  const weight = (name: string): tf.Tensor => weights[name]!
  const has = (name: string): boolean => fixture.names.includes(name)

  const forward = (tag: string): readonly Promise<Check>[] => {
    const pictures = images(fixture, `in/${tag}/images`)
    const check = (name: string, value: () => tf.Tensor): readonly Promise<Check>[] =>
      has(`out/${tag}/${name}`) ? [gives(fixture, `out/${tag}/${name}`, value())] : []
    const tokens = (masked?: string) =>
      encoder.tokens(weight, pictures, masked === undefined ? undefined : mask(fixture, `in/${tag}/${masked}`), evaluation)
    const between = blocks.outputs(weight, pictures, config.n_last_blocks)
    return [
      ...check('tokens', () => tokens()),
      ...check('pooled', () => {
        const all = tokens()
        const [batch, , width] = all.shape
        return tf.reshape(tf.slice(all, [0, 0, 0], [batch, 1, width]), [batch, width])
      }),
      ...check('tokens_masked', () => tokens('mask')),
      ...check('tokens_masked_full', () => tokens('mask_full')),
      ...between.flatMap((value, i) => check(`intermediate.${i}`, () => value)),
      ...check('last_selfattention', () => lastAttention(weight, pictures)),
    ]
  }

  const backward = async (tag: string): Promise<readonly Check[]> => {
    const pictures = images(fixture, `in/${tag}/images`)
    const cotangent = tensor(fixture, `in/${tag}/cotangent`)
    const wanted = norms[tag]!
    // Without a mask the mask embedding has no gradient at all.
    const masked = 'masked_embed' in wanted ? mask(fixture, `in/${tag}/mask`) : undefined
    const { gradients } = differentiate(
      (leaves) => ({
        value: tf.sum(
          tf.mul(
            encoder.tokens((name) => leaves[name]!, pictures, masked, evaluation),
            cotangent,
          ),
        ) as tf.Scalar,
        kept: {},
      }),
      weights,
    )
    const names = Object.keys(gradients).filter((name) => name in wanted || masked !== undefined)
    const read = await Promise.all(
      names.map(async (name) => ({ name, shape: gradients[name]!.shape, values: await gradients[name]!.data() })),
    )
    return [
      same(`names/grad/${tag}`, [...names].sort(), Object.keys(wanted).sort()),
      ...read.map(({ name, values }) =>
        near(`grad_l2_norm/${tag}/${name}`, [length(values)], [wanted[name]!], fixture.tolerance('grad_l2_norm')),
      ),
      ...read
        .filter(({ name }) => has(`grad/${tag}/${name}`))
        .map((gradient) => matches(fixture, `grad/${tag}/${gradient.name}`, gradient)),
    ]
  }

  const [there, back] = await Promise.all([
    Promise.all(Object.keys(config.inputs).flatMap(forward)),
    Promise.all(Object.keys(norms).map(backward)),
  ])
  return [
    same(
      'names/weights',
      Object.entries(specs)
        .map(([name, { shape }]) => [name, ...shape])
        .sort(),
      bare.map((name) => [name, ...fixture.shape(name)]).sort(),
    ),
    ...there,
    ...back.flat(),
  ]
}
