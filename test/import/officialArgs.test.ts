import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { officialArgs, parseArgs } from '../../src/import/officialArgs'

const LINES = `git:
  sha: N/A, status: clean, branch: N/A

arch: vit_small
clip_grad: 3.0
data_path: /data/imagenet/train/
global_crops_scale: (0.25, 1.0)
load_from: None
norm_last_layer: False
out_dim: 8192
pred_ratio: [0.0, 0.3]
min_lr: 1e-06
`

describe('arguments are read', () => {
  const args = {
    arch: 'vit_small',
    clip_grad: 3,
    data_path: '/data/imagenet/train/',
    global_crops_scale: [0.25, 1],
    load_from: null,
    norm_last_layer: false,
    out_dim: 8192,
    pred_ratio: [0, 0.3],
    min_lr: 1e-6,
  }
  it('from the lines that the official code prints', () => {
    expect(parseArgs(LINES)).toMatchObject(args)
    expect(parseArgs(LINES.replaceAll('\n', '\r\n'))).toMatchObject(args)
  })

  it('from a Namespace', () => {
    const text =
      "Namespace(arch='vit_small', clip_grad=3.0, data_path='/data/imagenet/train/', global_crops_scale=(0.25, 1.0), load_from=None, norm_last_layer=False, out_dim=8192, pred_ratio=[0.0, 0.3], min_lr=1e-06)\n"
    expect(parseArgs(text)).toEqual(args)
  })

  it('with the defaults of the official parser for all others', () => {
    const known = officialArgs(parseArgs(LINES)!)
    expect(E.isRight(known) && known.right).toMatchObject({
      arch: 'vit_small',
      momentum_teacher: 0.996,
      shared_head: false,
      epochs: 100,
    })
  })
})

it('a text without them holds none', () => {
  expect(parseArgs('hello: world\n')).toBeUndefined()
  expect(parseArgs('')).toBeUndefined()
})

it('an argument of another type is told by its name', () => {
  expect(officialArgs({ arch: 'vit_small', epochs: 'many' })).toEqual(
    E.left('the argument epochs is "many", which the official code would not take'),
  )
})
