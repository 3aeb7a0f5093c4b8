/** Vision transformers of other kinds, told by names that only they have: what they compute is more than a network here can. */

const KINDS: readonly (readonly [names: RegExp, what: string])[] = [
  [
    /\battn\.(?:logit_scale|cpb_mlp)\b|\battention\.self\.(?:logit_scale|continuous_position_bias_mlp)\b/,
    "a Swin v2's cosine attention",
  ],
  [/\bmlp\.(?:w12|w[123]|weights_in|weights_out|gate_proj|fc1_[gx])\b/, "a SwiGLU in place of the MLP, as DINOv2's giant has"],
  [
    /\b(?:rel_pos_bias|relative_position_bias|rel_pos_[hw])\b|^blocks\..*relative_position_bias_table/,
    "positions within the attention, as BEiT's, data2vec's and SAM's",
  ],
  [
    /\b(?:storage_tokens|rope_embed|rope_embeddings|rope)\b|\blayer\.\d+\.attention\.[qkvo]_proj\b/,
    "rotary positions, as DINOv3's and EVA-02's",
  ],
  [
    /\b(?:norm_pre|ln_pre|pre_layrnorm|class_embedding|resblocks|patch_embedding)\b|\bself_attn\.[qkv]_proj\b/,
    'the layers of a CLIP or a SigLIP',
  ],
  [/\b[qk]_norm\b/, 'norms of queries and keys'],
  [/\b(?:q_bias|v_bias|lambda_[12])\b/, "the attention of a BEiT, whose keys have no bias, as EVA's and DINOv3's in timm"],
  [/\b(?:absolute_pos_embed|position_embeddings)\b/, 'a table of positions in a Swin transformer (ape)'],
  [/\bpatch_embed\.(?:proj\.\d|backbone|conv|stem)|\bpatch_embeddings\.backbone\b/, 'a stem of several convolutions'],
  [/\b(?:detection_tokens|mid_position_embeddings)\b/, "a YOLOS's tokens of detections"],
  [/\b(?:blocks_token_only|attn\.proj_[lw]|local_mp)\b/, 'the blocks of a CaiT or an XCiT'],
  [/\battn\.w_msa\b/, "OpenMMLab's Swin transformer, which merges patches in another order: save it as timm's"],
]

/** What kind of network has weights of these names, with the first of them; undefined if that isn't known. */
export const kindWith = (names: readonly string[]): { readonly kind: string; readonly name: string } | undefined => {
  for (const [pattern, kind] of KINDS) {
    const name = names.find((one) => pattern.test(one))
    if (name !== undefined) return { kind, name }
  }
  return undefined
}
