import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { opBody, opName } from '../../src/dsl/type'
import { OFFICIAL_DEFAULTS, type OfficialArgs } from '../../src/import/officialArgs'
import { recipeNotes, recipeOf, sizesOfArgs } from '../../src/import/recipe'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'
import { reference } from '../reference'

const planOf = (args: Partial<OfficialArgs>) => {
  const all = { ...OFFICIAL_DEFAULTS, ...args }
  const sizes = sizesOfArgs(all)
  return E.isLeft(sizes) ? sizes : recipeOf(all, sizes.right, { name: 'recipe' })
}
const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}
/** A stage of the pipeline, its values in full. */
const stage = (args: Partial<OfficialArgs>, name: string): unknown => {
  const found = right(planOf(args)).pipeline.find((op) => opName(op) === name)
  return found === undefined ? undefined : opBody(found)
}

describe('the arguments of a run become a pipeline', () => {
  it.each(['vit_tiny', 'vit_small', 'vit_base', 'vit_large', 'deit_small', 'swin_tiny', 'swin_small', 'swin_base', 'swin_large'])(
    'that fits together, with %s',
    (arch) => {
      for (const args of [
        {},
        { shared_head: true, local_crops_number: 10, pred_start_epoch: 50 },
        { norm_in_head: 'bn', act_in_head: 'relu' },
      ])
        expect(designOf(registry, right(planOf({ arch, ...args })))._tag).toBe('Right')
    },
  )

  it('of the network and the head', () => {
    expect(stage({ arch: 'vit_base', patch_size: 16, drop_path: 0.2 }, 'vit')).toMatchObject({
      patch: 16,
      width: 768,
      depth: 12,
      heads: 12,
      dropPath: 0.2,
    })
    expect(stage({ arch: 'swin_tiny', window_size: 14, drop_path: 0 }, 'swin')).toMatchObject({
      depths: [2, 2, 6, 2],
      window: 14,
      dropPath: 0.1,
    })
    expect(stage({ out_dim: 64, patch_out_dim: 64, norm_last_layer: false }, 'projectionHead')).toMatchObject({
      output: { separate: { cls: 64, patch: 64 } },
      teacherOutput: { shared: { prototypes: 64 } },
      hidden: 2048,
      bottleneck: 256,
      normalizeLastLayer: false,
    })
  })

  it.each([
    [{ pred_ratio: 0.3, pred_ratio_var: 0 }, { block: { ratio: 0.3 } }],
    [
      { pred_ratio: [0, 0.3], pred_ratio_var: [0, 0.2] },
      { mixture: { masks: [{ none: {} }, { block: { ratio: [0.1, 0.5] } }] } },
    ],
    [
      { pred_ratio: [0.2, 0.4], pred_ratio_var: 0.1 },
      { mixture: { masks: [{ block: { ratio: [0.1, 0.3] } }, { block: { ratio: [0.3, 0.5] } }] } },
    ],
    [
      { pred_ratio: [0.3, 0.5], pred_ratio_var: [0.2], pred_shape: 'rand' },
      { mixture: { masks: [{ random: { ratio: [0.1, 0.5] } }, { random: { ratio: [0.3, 0.7] } }] } },
    ],
    [{ pred_ratio: [0.4], pred_ratio_var: [0.2] }, { block: { ratio: [0.2, 0.6] } }],
    // The official loader pairs them by `zip`: a ratio without a variance of its own is never picked.
    [
      { pred_ratio: [0.1, 0.4, 0.6], pred_ratio_var: [0.1, 0] },
      { mixture: { masks: [{ block: { ratio: [0, 0.2] } }, { block: { ratio: 0.4 } }] } },
    ],
    [{ pred_ratio: [0.5], pred_shape: 'rand' }, { random: { ratio: 0.5 } }],
    [{ pred_start_epoch: 50 }, { startingAt: { epoch: 50, mask: { block: { ratio: 0.3 } } } }],
  ])('of the masks: %o', (args, mask) => {
    const written = JSON.stringify(stage(args as Partial<OfficialArgs>, 'masking')).replace(/\[([\d.]+),\1\]/g, '$1')
    expect(JSON.parse(written)).toMatchObject({ mask })
  })

  it.each([
    [{ pred_ratio: 0.3, pred_ratio_var: [0.1, 0.2] }, 'pred_ratio_var has 2 numbers for one pred_ratio'],
    [{ pred_ratio: [0, 0.3], pred_ratio_var: 0.2 }, 'pred_ratio 0 varies by 0.2 (pred_ratio_var), to below 0'],
    [{ pred_ratio: [], pred_ratio_var: 0.2 }, 'pred_ratio or pred_ratio_var is empty'],
  ])('not where the official loader fails: %o', (args, problem) => {
    expect(planOf(args)).toEqual(E.left(expect.stringContaining(problem)))
    expect(E.isRight(planOf({ ...args, use_masked_im_modeling: false, lambda2: 0 }))).toBe(true)
  })

  it('without a patch loss there are no masks', () => {
    const args = { use_masked_im_modeling: false, lambda2: 0 }
    expect(stage(args, 'masking')).toBeUndefined()
    expect(stage(args, 'maskedImageModeling')).toBeUndefined()
  })

  it.each<Partial<OfficialArgs>>([
    { pred_ratio: 0, pred_ratio_var: 0 },
    { pred_ratio: [0, 0], pred_ratio_var: [0, 0] },
    { pred_ratio: 0, pred_ratio_var: 0, pred_shape: 'rand', pred_start_epoch: 3 },
    // Less than one of 14 × 14 patches.
    { pred_ratio: 0.004, pred_ratio_var: 0 },
  ])('masks that hide nothing make a loss on patches that is 0, which is left out and told: %o', (args) => {
    const design = right(designOf(registry, right(planOf(args))))
    expect(design.losses.map(({ name }) => name)).toEqual(['clsDistillation'])
    // The official student has a mask embedding all the same.
    expect(stage(args, 'masking')).toEqual({ mask: { none: {} } })
    const all = { ...OFFICIAL_DEFAULTS, ...args }
    expect(recipeNotes(all, right(sizesOfArgs(all)))).toEqual([
      `its masks hide nothing (pred_ratio ${[all.pred_ratio].flat().join(' ')}), so that its loss on hidden patches is 0 whatever lambda2 is: the pipeline has no maskedImageModeling`,
    ])
    expect(stage({ ...args, use_masked_im_modeling: false }, 'masking')).toBeUndefined()
  })

  it('the student sees masked views whatever the weight of the loss on patches', () => {
    expect(stage({ lambda2: 0 }, 'masking')).toEqual(stage({}, 'masking'))
    expect(stage({ lambda2: 0 }, 'maskedImageModeling')).toBeUndefined()
    const all = { ...OFFICIAL_DEFAULTS, lambda2: 0 }
    expect(recipeNotes(all, right(sizesOfArgs(all)))).toEqual([])
  })

  it('whose batch is that of all GPUs', () => {
    expect(stage({ batch_size_per_gpu: 64, world_size: 16, epochs: 800, seed: 7 }, 'train')).toMatchObject({
      batch: 1024,
      epochs: 800,
      seed: 7,
    })
  })
})

describe('its numbers at every step are those of the official schedules', () => {
  const { json, ...fixture } = reference<{ readonly schedules?: unknown }>('train_default_heads')
  it('as in a recorded run', () => {
    const { config, steps } = json as unknown as {
      readonly config: OfficialArgs & { readonly niter_per_ep: number }
      readonly steps: readonly {
        readonly lr: number
        readonly weight_decay: number
        readonly momentum: number
        readonly teacher_temp: number
        readonly teacher_patch_temp: number
      }[]
    }
    const { data_path: _, ...given } = config
    const names = Object.keys(OFFICIAL_DEFAULTS).filter((name) => name in given)
    const args = Object.fromEntries(names.map((name) => [name, given[name as keyof typeof given]]))
    const design = right(
      designOf(registry, right(planOf({ ...args, arch: 'vit_tiny', out_dim: 64, patch_out_dim: 64, optimizer: 'adamw' }))),
    )
    const span = right(spanOf(design, { count: config.batch_size_per_gpu * config.niter_per_ep, channels: 3 }))
    const program = programOf(design, span, 3)
    steps.forEach((want, i) => {
      const got = program.numbers(i)
      expect([
        got['adamw.lr'],
        got['adamw.weightDecay'],
        got['emaTeacher.momentum'],
        got['clsDistillation.temperature'],
        got['maskedImageModeling.temperature'],
      ]).toEqual(
        [want.lr, want.weight_decay, want.momentum, want.teacher_temp, want.teacher_patch_temp].map((value) =>
          expect.closeTo(value, 12),
        ),
      )
    })
    expect(fixture.name).toBe('train_default_heads')
  })
})

describe('what is not built here is told', () => {
  it.each([
    [
      { arch: 'resnet50' },
      'the network resnet50 is not one that is built here: vit_tiny, vit_small, vit_base, vit_large, swin_tiny, swin_small, swin_base, swin_large are',
    ],
    [{ optimizer: 'adam' }, 'the optimizer adam is not one that is built here: adamw, sgd, lars are'],
    [{ act_in_head: 'silu' }, 'the activation silu of the head is not built here: gelu and relu are'],
    [{ norm_in_head: 'syncbn' }, 'the normalisation syncbn of the head is not built here: bn and ln are'],
    [{ pred_shape: 'ring' }, 'masks of the shape ring are not built here: block and rand are'],
    [{ use_masked_im_modeling: false }, 'a patch loss without hidden patches (use_masked_im_modeling false) is not built here'],
  ])('%o', (args, message) => {
    expect(planOf(args)).toEqual(E.left(message))
  })
})
