/** The arguments of a run of the official code (main_ibot.py): from the `args` of its checkpoint or from its `args.txt`. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import type { Plain } from '../io/torch/plain'

const Numbers = t.union([t.number, t.array(t.number)])
const Name = t.union([t.string, t.null])

/** What a pipeline is made of; paths, ports and numbers of workers are left out. */
const Args = t.type({
  arch: t.string,
  patch_size: t.number,
  window_size: t.number,
  out_dim: t.number,
  patch_out_dim: t.number,
  shared_head: t.boolean,
  shared_head_teacher: t.boolean,
  norm_last_layer: t.boolean,
  momentum_teacher: t.number,
  norm_in_head: Name,
  act_in_head: Name,
  use_masked_im_modeling: t.boolean,
  pred_ratio: Numbers,
  pred_ratio_var: Numbers,
  pred_shape: t.string,
  pred_start_epoch: t.number,
  lambda1: t.number,
  lambda2: t.number,
  warmup_teacher_temp: t.number,
  teacher_temp: t.number,
  warmup_teacher_patch_temp: t.number,
  teacher_patch_temp: t.number,
  warmup_teacher_temp_epochs: t.number,
  weight_decay: t.number,
  weight_decay_end: t.number,
  clip_grad: t.number,
  batch_size_per_gpu: t.number,
  world_size: t.number,
  epochs: t.number,
  freeze_last_layer: t.number,
  lr: t.number,
  warmup_epochs: t.number,
  min_lr: t.number,
  optimizer: t.string,
  drop_path: t.number,
  global_crops_number: t.number,
  global_crops_scale: t.tuple([t.number, t.number]),
  local_crops_number: t.number,
  local_crops_scale: t.tuple([t.number, t.number]),
  data_path: t.string,
  saveckp_freq: t.number,
  seed: t.number,
})
export type OfficialArgs = t.TypeOf<typeof Args>

/** The parser's defaults; one GPU where the number of processes isn't told. */
export const OFFICIAL_DEFAULTS: OfficialArgs = {
  arch: 'vit_small',
  patch_size: 16,
  window_size: 7,
  out_dim: 8192,
  patch_out_dim: 8192,
  shared_head: false,
  shared_head_teacher: true,
  norm_last_layer: true,
  momentum_teacher: 0.996,
  norm_in_head: null,
  act_in_head: 'gelu',
  use_masked_im_modeling: true,
  pred_ratio: 0.3,
  pred_ratio_var: 0,
  pred_shape: 'block',
  pred_start_epoch: 0,
  lambda1: 1,
  lambda2: 1,
  warmup_teacher_temp: 0.04,
  teacher_temp: 0.04,
  warmup_teacher_patch_temp: 0.04,
  teacher_patch_temp: 0.07,
  warmup_teacher_temp_epochs: 30,
  weight_decay: 0.04,
  weight_decay_end: 0.4,
  clip_grad: 3,
  batch_size_per_gpu: 128,
  world_size: 1,
  epochs: 100,
  freeze_last_layer: 1,
  lr: 5e-4,
  warmup_epochs: 10,
  min_lr: 1e-6,
  optimizer: 'adamw',
  drop_path: 0.1,
  global_crops_number: 2,
  global_crops_scale: [0.14, 1],
  local_crops_number: 0,
  local_crops_scale: [0.05, 0.4],
  data_path: 'data/train',
  saveckp_freq: 40,
  seed: 0,
}

/** The arguments of the paper's ViT-S/16, 16 GPUs, for weights that come without any: all but how long it is trained. */
export const PAPER: Readonly<Record<string, Plain>> = {
  shared_head: true,
  shared_head_teacher: true,
  norm_last_layer: false,
  pred_ratio: [0, 0.3],
  pred_ratio_var: [0, 0.2],
  teacher_temp: 0.07,
  batch_size_per_gpu: 64,
  world_size: 16,
  global_crops_scale: [0.25, 1],
  local_crops_number: 10,
  local_crops_scale: [0.05, 0.25],
}

/** Arguments with the parser's defaults for those that aren't told; what is of another type is told by its name. */
export const officialArgs = (given: Readonly<Record<string, Plain>>): E.Either<string, OfficialArgs> =>
  pipe(
    Args.decode({ ...OFFICIAL_DEFAULTS, ...given }),
    E.mapLeft((errors) => {
      const name = errors[0]!.context[1]!.key
      return `the argument ${name} is ${JSON.stringify(given[name])}, which the official code would not take`
    }),
  )

/** Lines of `name: value`, as the official code prints its arguments, or one `Namespace(name=value, …)`. */
const LINE = /^([A-Za-z_]\w*)\s*:\s*(.*)$/

/** A value as Python prints it; a text without quotes where it is nothing else. */
const literal = (text: string): Plain => {
  const trimmed = text.trim()
  if (trimmed === 'None') return null
  if (trimmed === 'True') return true
  if (trimmed === 'False') return false
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return Number(trimmed)
  const list = /^[[(](.*)[\])]$/s.exec(trimmed)
  if (list !== null) return splitAtCommas(list[1]!).map(literal)
  return /^(['"])(.*)\1$/s.exec(trimmed)?.[2] ?? trimmed
}

/** Parts between commas that stand in no brackets and no quotes. */
const splitAtCommas = (text: string): readonly string[] =>
  (text.match(/(?:'[^']*'|"[^"]*"|\([^)]*\)|\[[^\]]*\]|[^,])+/g) ?? []).filter((part) => part.trim() !== '')

/** The arguments in a text; undefined if there are none. */
export const parseArgs = (text: string): Readonly<Record<string, Plain>> | undefined => {
  const namespace = /^\s*Namespace\((.*)\)\s*$/s.exec(text)
  const pairs =
    namespace !== null
      ? splitAtCommas(namespace[1]!).map((part) => part.split(/=(.*)/s) as readonly string[])
      : text.split(/\r?\n/).flatMap((line) => {
          const match = LINE.exec(line.trim())
          return match === null ? [] : [[match[1]!, match[2]!] as readonly string[]]
        })
  const args = Object.fromEntries(pairs.map(([name = '', value = '']) => [name.trim(), literal(value)]))
  return 'arch' in args ? args : undefined
}
