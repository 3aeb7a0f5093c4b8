/** In which layer of a backbone each of its weights is, counted from its input: what layer-wise decay of the learning rate goes by. */

export interface LayerOrder {
  /** The layer of all that comes after the blocks: the last norm, the head. */
  readonly last: number
  /** That of a weight by its name within the backbone. */
  readonly of: (weight: string) => number
}

/** Before all blocks: what is made of the pictures, and tokens and positions that are learnt. */
const BEFORE = /^(?:patch_embed\.|(?:cls_token|pos_embed|masked_embed|register_tokens)$)/

/** get_num_layer_for_vit of BEiT and of the official fine-tuning. */
export const vitLayers = (depth: number): LayerOrder => ({
  last: depth + 1,
  of: (weight) => {
    const [, block] = /^blocks\.(\d+)\./.exec(weight) ?? []
    return BEFORE.test(weight) ? 0 : block === undefined ? depth + 1 : Number(block) + 1
  },
})

/** get_num_layer_for_swin of the official fine-tuning: the merging of patches belongs to the last block of its stage. */
export const swinLayers = (depths: readonly number[]): LayerOrder => {
  const before = (stage: number): number => depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0)
  const last = before(depths.length) + 1
  return {
    last,
    of: (weight) => {
      const [, stage, block] = /^layers\.(\d+)\.(?:blocks\.(\d+)\.)?/.exec(weight) ?? []
      if (BEFORE.test(weight)) return 0
      if (stage === undefined) return last
      return before(Number(stage)) + (block === undefined ? depths[Number(stage)]! - 1 : Number(block)) + 1
    },
  }
}
