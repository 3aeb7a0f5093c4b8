/** What an optimizer does to weights by their place in the network: layer-wise decay of the learning rate, embeddings without weight decay. */
import type { Design } from './design'
import { BACKBONE } from './stateNames'

type Part = Pick<Design, 'backbone' | 'optimizer'>

const PREFIX = `${BACKBONE}.`

/** The factor of the learning rate for each of the student's weights: all of it above the backbone. */
export const rateScales = ({ backbone, optimizer }: Part): ((name: string) => number) => {
  const { layerDecay = 1 } = optimizer.meaning
  const { layers } = backbone.meaning
  return layers === undefined || layerDecay === 1
    ? () => 1
    : (name) => (name.startsWith(PREFIX) ? layerDecay ** (layers.last - layers.of(name.slice(PREFIX.length))) : 1)
}

/** Weights of the student that the optimizer keeps from decaying, though they have several dimensions. */
export const undecayedOf = ({ backbone, optimizer }: Part): readonly string[] =>
  optimizer.meaning.decayEmbeddings === false ? (backbone.meaning.embeddings ?? []).map((name) => `${PREFIX}${name}`) : []
