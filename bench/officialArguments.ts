/** Arguments of the official code for the recipes in pipelines/: what a test compares their values with, and what theirs is run with. */

/** The defaults of main_ibot.py, under its names; `gpus` is how many of them there are. */
export const DEFAULTS = {
  arch: 'vit_small',
  patch_size: 16,
  window_size: 7,
  out_dim: 8192,
  shared_head: false,
  norm_last_layer: true,
  momentum_teacher: 0.996,
  pred_ratio: [0.3],
  pred_ratio_var: [0],
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
  epochs: 100,
  freeze_last_layer: 1,
  lr: 5e-4,
  warmup_epochs: 10,
  min_lr: 1e-6,
  drop_path: 0.1,
  global_crops_number: 2,
  global_crops_scale: [0.14, 1],
  local_crops_number: 0,
  local_crops_scale: [0.05, 0.4],
  gpus: 8,
}
export type Arguments = {
  readonly [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends number[] ? readonly number[] : (typeof DEFAULTS)[K]
}

/** README.md of the official code, the command for ViT-S/16. */
const VIT_S: Partial<Arguments> = {
  teacher_temp: 0.07,
  warmup_teacher_temp_epochs: 30,
  norm_last_layer: false,
  epochs: 800,
  batch_size_per_gpu: 64,
  shared_head: true,
  out_dim: 8192,
  local_crops_number: 10,
  global_crops_scale: [0.25, 1],
  local_crops_scale: [0.05, 0.25],
  pred_ratio: [0, 0.3],
  pred_ratio_var: [0, 0.2],
  gpus: 16,
}
/** The same file, the command for Swin-T/14. */
const SWIN_T: Partial<Arguments> = {
  ...VIT_S,
  arch: 'swin_tiny',
  epochs: 300,
  pred_start_epoch: 50,
  patch_size: 4,
}
/** The arguments of the checkpoint vitb_16, as other repositories repeat them; a batch of 1,024 as the paper says. */
const VIT_B: Partial<Arguments> = {
  ...VIT_S,
  arch: 'vit_base',
  epochs: 400,
  lr: 7.5e-4,
  min_lr: 2e-6,
  clip_grad: 0.3,
  freeze_last_layer: 3,
  norm_last_layer: true,
  warmup_teacher_temp_epochs: 50,
  global_crops_scale: [0.32, 1],
  local_crops_scale: [0.05, 0.32],
}
/** The arguments of the checkpoint vitb_16_rand_mask, as other repositories repeat them. */
const RANDOM: Partial<Arguments> = { pred_shape: 'rand', pred_ratio: [0, 0.7], pred_ratio_var: [0, 0.05] }

/** By the names of the pipelines. */
export const OFFICIAL: Readonly<Record<string, Partial<Arguments>>> = {
  'ibot-vit-s': VIT_S,
  'ibot-vit-b': VIT_B,
  'ibot-vit-l': { ...VIT_B, arch: 'vit_large', epochs: 250 },
  'ibot-vit-l-random': { ...VIT_B, ...RANDOM, arch: 'vit_large', epochs: 250 },
  'ibot-swin-t7': SWIN_T,
  'ibot-swin-t14': { ...SWIN_T, window_size: 14, batch_size_per_gpu: 26, gpus: 40 },
  'ibot-vit-b-22k': { ...VIT_B, epochs: 80 },
  'ibot-vit-l-22k': { ...VIT_B, arch: 'vit_large', epochs: 50 },
  dino: { ...VIT_S, lambda2: 0, pred_ratio: [0], pred_ratio_var: [0], out_dim: 65_536 },
  'mim-only': {
    ...VIT_S,
    lambda1: 0,
    epochs: 300,
    pred_ratio: [0.3],
    pred_ratio_var: [0.2],
    local_crops_number: 0,
    global_crops_scale: [0.14, 1],
  },
}
