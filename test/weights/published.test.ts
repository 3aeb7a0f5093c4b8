import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { afterAll, describe, expect, it } from 'vitest'
import type { NetworkName } from '../../src/base/networkName'
import { type Entry, serialize } from '../../src/io/safetensors'
import { type NetworkWeights, readNetwork } from '../../src/weights/network'
import { NETWORKS, pathOf, tensorsIn } from './fixtures'
import refused from './refused.json'

const folder = mkdtempSync(join(tmpdir(), 'published-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Tensors = Iterable<readonly [string, Entry]>

let count = 0
const written = (tensors: Tensors): string => {
  count += 1
  const path = join(folder, `${count}.safetensors`)
  writeFileSync(path, serialize(tensors))
  return path
}
const read = async (path: string, network?: NetworkName): Promise<NetworkWeights> => {
  const result = await readNetwork(path, network)()
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const why = async (path: string, network?: NetworkName): Promise<string> => {
  const result = await readNetwork(path, network)()
  if (E.isRight(result)) return 'read'
  return 'message' in result.left ? result.left.message.replace(/^.* can't be used: /, '') : JSON.stringify(result.left)
}
const backbone = ({ weights }: NetworkWeights) =>
  new Map([...weights].filter(([name]) => name.startsWith('backbone.')).sort(([a], [b]) => (a < b ? -1 : 1)))

const vit = tensorsIn(pathOf('timm-vit'))
const bare = [...vit].filter(([name]) => !name.startsWith('head'))
const renamed = (change: (name: string) => string): Tensors => bare.map(([name, entry]) => [change(name), entry] as const)
const zeros = (...shape: readonly number[]): Entry => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
})

describe('a backbone is found behind whatever stands before its names', () => {
  it.each([
    '_orig_mod.',
    'module.',
    'module.module.',
    'backbone.',
    'backbone._orig_mod.',
    '_orig_mod.backbone.',
    'model.',
    'model.model.',
    'module.base_encoder.',
    'module.momentum_encoder.',
    'module.backbone.',
    'module.encoder_q.',
    'student.',
    'teacher.',
    'student.backbone.',
    'teacher.backbone.',
    'teacher.module.backbone._orig_mod.',
    'student_backbone.vit.',
    'encoder.',
    'vit.',
    'dinov2.',
    'net.',
    'visual.trunk.',
    '_forward_module.model.',
    '_fsdp_wrapped_module.backbone._fsdp_wrapped_module.',
    'my_own_name.inner.',
  ])('%s', async (prefix) => {
    const got = await read(written(renamed((name) => `${prefix}${name}`)))
    expect(backbone(got)).toEqual(backbone(await read(written(bare))))
    expect([...got.weights.keys()].filter((name) => !name.startsWith('backbone.'))).toEqual([])
  })

  it('with wrappers within, as sharded training and checkpointing of activations leave them', async () => {
    const got = await read(
      written(renamed((name) => name.replace(/^blocks\.(\d+)\./, 'blocks.$1._fsdp_wrapped_module._checkpoint_wrapped_module.'))),
    )
    expect(backbone(got)).toEqual(backbone(await read(written(bare))))
  })

  it('in chunks of blocks, numbered through or each for itself', async () => {
    const want = backbone(await read(written(bare)))
    for (const change of ['blocks.$1.$1.', 'blocks.$1.0.'])
      expect(backbone(await read(written(renamed((name) => name.replace(/^blocks\.(\d+)\./, change)))))).toEqual(want)
  })

  it('with the names of OpenMMLab', async () => {
    const theirs = renamed((name) =>
      `backbone.${name}`
        .replace('patch_embed.proj.', 'patch_embed.projection.')
        .replace('.blocks.', '.layers.')
        .replace('.norm1.', '.ln1.')
        .replace('.norm2.', '.ln2.')
        .replace('.mlp.fc1.', '.ffn.layers.0.0.')
        .replace('.mlp.fc2.', '.ffn.layers.1.')
        .replace('backbone.norm.', 'backbone.ln1.'),
    )
    const got = await read(written(theirs))
    expect(got.names).toBe('OpenMMLab')
    expect(backbone(got)).toEqual(backbone(await read(written(bare))))
  })

  it('beside its head, also where newer PyTorch normalised its weights, and beside that of DINOv2', async () => {
    const heads: readonly (readonly [string, Entry])[] = [
      ['head.last_layer.parametrizations.weight.original0', zeros(3, 1)],
      ['head.last_layer.parametrizations.weight.original1', zeros(3, 2)],
      ['head.mlp.0.bias', zeros(4)],
    ]
    const names = ['head.last_layer.weight_g', 'head.last_layer.weight_v', 'head.mlp.0.bias']
    const inner = [...renamed((name) => `teacher.backbone.${name}`)]
    const others = heads.map(([name, entry]) => [`teacher.${name}`, entry] as const)
    const dino = others.map(([name, entry]) => [name.replace('.head.', '.dino_head.'), entry] as const)
    for (const tensors of [others, dino]) {
      const { weights } = await read(written([...inner, ...tensors]))
      expect([...weights.keys()].filter((name) => !name.startsWith('backbone.')).sort()).toEqual(names)
    }
    // A head for patches of its own is no last layer of the same head.
    const both = await read(written([...inner, ...dino, ['teacher.ibot_head.mlp.0.bias', zeros(4)]]))
    expect([...both.weights.keys()].filter((name) => name.startsWith('head.'))).toEqual([])
  })
})

describe('a network is found in the dicts of a checkpoint', () => {
  it.each([
    ['lightning', undefined],
    ['moco', 'teacher'],
    ['deit', 'teacher'],
    ['timm', 'teacher'],
    ['mae', undefined],
    ['dinov2-teacher', 'teacher'],
    ['dinov2-training', 'teacher'],
    ['fabric', undefined],
    ['swav', 'teacher'],
  ] as const)('of %s: the average of the weights where there is one', async (name, network) => {
    const got = await read(join(NETWORKS, `${name}.pth`))
    expect(got.network).toBe(network)
    expect(backbone(got)).toEqual(backbone(await read(join(NETWORKS, 'bare.pth'))))
  })

  it('or the one that is trained, where that is asked for', async () => {
    const want = backbone(await read(join(NETWORKS, 'moco.pth'), 'student'))
    expect(want).not.toEqual(backbone(await read(join(NETWORKS, 'bare.pth'))))
    for (const name of ['dinov2-training', 'swav'])
      expect(backbone(await read(join(NETWORKS, `${name}.pth`), 'student'))).toEqual(want)
    expect(await why(join(NETWORKS, 'dinov2-teacher.pth'), 'student')).toBe('it has no student, only a teacher')
  })

  it('and told where there are several', async () => {
    const { notes } = await read(join(NETWORKS, 'moco.pth'))
    expect(notes).toEqual(["of its 2 networks this is 'state_dict.momentum_encoder'"])
  })

  it('and told where it is the only one', async () => {
    const got = await read(written(renamed((name) => `student.backbone.${name}`)))
    expect(got.notes).toEqual(['it has no teacher: this is its student'])
  })

  it("with its arguments, and a decoder's parts apart", async () => {
    const got = await read(join(NETWORKS, 'mae.pth'))
    expect(got.args).toEqual({ model: 'mae_vit_base' })
    expect([...got.weights.keys()].filter((name) => !name.startsWith('backbone.'))).toContain('mask_token')
  })
})

describe('what no network here computes is refused by name', () => {
  const reasons: Readonly<Record<string, string>> = {
    "DINOv2's giant": 'a SwiGLU',
    "transformers' Dinov2Model with SwiGLU": 'a SwiGLU',
    "transformers' BeitModel": 'the attention of a BEiT',
    "transformers' BeitModel with relative positions": 'positions within the attention',
    "transformers' Data2VecVisionModel": 'the attention of a BEiT',
    "transformers' DINOv3ViTModel": 'rotary positions',
    "transformers' CLIPModel": 'the layers of a CLIP or a SigLIP',
    "transformers' SiglipVisionModel": 'the layers of a CLIP or a SigLIP',
    "transformers' Swinv2Model": "a Swin v2's cosine attention",
    "transformers' SwinModel with absolute positions": 'a table of positions in a Swin transformer',
    "transformers' IJepaModel": 'it has no [CLS] token',
    "transformers' YolosModel": "a YOLOS's tokens of detections",
    "timm's Swin v2": "a Swin v2's cosine attention",
    "timm's CLIP": 'the layers of a CLIP or a SigLIP (norm_pre',
    "timm's ViT with QK norms": 'norms of queries and keys',
    "timm's ViT without [CLS]": 'it has no [CLS] token',
    "timm's SigLIP": 'it has no [CLS] token',
    "timm's BEiT": 'positions within the attention',
    "timm's EVA-02": 'the attention of a BEiT',
    "timm's DINOv3": 'the attention of a BEiT',
    "timm's CaiT": 'the blocks of a CaiT',
    "timm's XCiT": 'a stem of several convolutions',
    "timm's hybrid of ResNet and ViT": 'a stem of several convolutions',
    'a ResNet': 'none of its 122 weights has a name of a backbone known here',
    "timm's ConvNeXt": 'none of its 56 weights has a name of a backbone known here',
  }

  it.each(Object.entries(refused))('%s', async (name, shapes) => {
    const path = written(Object.entries(shapes).map(([key, shape]) => [key, zeros(...shape)] as const))
    expect(await why(path)).toContain(reasons[name.replace(/, saved$/, '')]!)
  })
})

describe('a file is refused', () => {
  it('whose backbone has weights of a kind that nobody knows', async () => {
    expect(await why(written([...bare, ['blocks.0.attn.gate.weight', zeros(2)]]))).toBe(
      'its backbone has 1 weights that no network here has: blocks.0.attn.gate.weight; without them it would compute something else',
    )
  })

  it('whose weights are quantised', async () => {
    const quantised = bare.map(([name, entry]) =>
      name === 'blocks.1.attn.qkv.weight'
        ? ([name, { dtype: 'I8', shape: entry.shape, data: new Int8Array(entry.data.length) }] as const)
        : ([name, entry] as const),
    )
    expect(await why(written(quantised))).toBe("its blocks.1.attn.qkv.weight is of the type I8: quantised weights aren't read")
  })

  it('that is one part of several', async () => {
    expect(await why(written(bare.filter(([name]) => name.startsWith('blocks.1.'))))).toContain(
      'it has no embedding of patches, and may be one of several parts of a network',
    )
  })

  it('that lacks queries or keys', async () => {
    const path = written([...tensorsIn(pathOf('hf-vit'))].filter(([name]) => !name.includes('layer.1.attention.attention.key')))
    expect(await why(path)).toBe('it has only 2 of the 3 parts of blocks.1.attn.qkv.bias: queries, keys and values')
  })

  it('two of whose tensors are the same weight', async () => {
    expect(await why(written([...bare, ['module.cls_token', zeros(1, 1, 8)]]))).toBe('two of its tensors are called cls_token')
    expect(await why(written([...bare, ['blocks.0.0.norm1.weight', zeros(8)]]))).toBe(
      'two of its tensors are blocks.0.norm1.weight',
    )
  })

  it('with several backbones none of which is the teacher or the student', async () => {
    expect(await why(written([...renamed((name) => `left.${name}`), ...renamed((name) => `right.${name}`)]))).toBe(
      "it holds 2 backbones, and it is unclear which one is meant: 'left', 'right'",
    )
  })
})
