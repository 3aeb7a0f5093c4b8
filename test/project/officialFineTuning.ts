/** The stages that arguments of the official fine-tunings mean: run.sh, README of evaluation/ and the defaults of its programs. */
import {
  adamw,
  classifier,
  cosine,
  crossEntropy,
  horizontalFlip,
  linear,
  mixing,
  piecewise,
  randAugment,
  randomErasing,
  randomResizedCrop,
  scaledByBatch,
  swinTiny,
  train,
  views,
  vitBase,
  vitLarge,
  vitSmall,
} from '../../src/index'

/** What both programs have, from BEiT and from DeiT; `aa` is rand-m9-mstd0.5-inc1, `clip_grad` none, `opt` adamw in both. */
const COMMON = {
  arch: 'vit_small',
  gpus: 8,
  batch_size: 128,
  update_freq: 1,
  nb_classes: 1000,
  drop_path: 0.1,
  weight_decay: 0.05,
  smoothing: 0.1,
  reprob: 0.25,
  mixup: 0.8,
  cutmix: 1,
  mixup_prob: 1,
  mixup_switch_prob: 0.5,
  finetune_head_layer: 0,
}
type Common = typeof COMMON & { readonly epochs: number; readonly lr: number; readonly min_lr: number }

/** classification_layer_decay/run_class_finetuning.py, called by `imagenet_cls` of run.sh. */
const BEIT = { ...COMMON, epochs: 100, warmup_epochs: 20, layer_decay: 0.65, lr: 4e-3, min_lr: 1e-6, init_scale: 0.001 }
/** eval_cls.py and semi_supervised/eval_cls.py. */
const DEIT = {
  ...COMMON,
  lr: 5e-4,
  warmup_lr: 1e-6,
  min_lr: 1e-5,
  warmup_epochs: 5,
  epochs: 1000,
  init_scale: 1,
  repeated_aug: true,
}

const FINE_TUNING: Readonly<Record<string, Partial<typeof BEIT>>> = {
  'eval/fine-tuning-vit-s': { epochs: 200, drop_path: 0.1, layer_decay: 0.75 },
  'eval/fine-tuning-vit-b': { arch: 'vit_base', epochs: 100, drop_path: 0.2, layer_decay: 0.65 },
  'eval/fine-tuning-vit-l': {
    arch: 'vit_large',
    epochs: 50,
    drop_path: 0.4,
    layer_decay: 0.75,
    batch_size: 64,
    warmup_epochs: 5,
    update_freq: 2,
  },
  'eval/fine-tuning-swin-t': { arch: 'swin_tiny' },
}
const SEMI: Partial<typeof DEIT> = { epochs: 1000, lr: 5e-6, finetune_head_layer: 1 }
const TRANSFER: Partial<typeof DEIT> = { arch: 'vit_base', batch_size: 96, lr: 7.5e-6, epochs: 1000 }
const SMALLER: Readonly<Record<string, Partial<typeof DEIT>>> = {
  'eval/semi-supervised-1': SEMI,
  'eval/semi-supervised-10': SEMI,
  'eval/transfer-cifar10': { ...TRANSFER, nb_classes: 10 },
  'eval/transfer-cifar100': { ...TRANSFER, nb_classes: 100 },
  'eval/transfer-flowers': { ...TRANSFER, nb_classes: 102 },
  'eval/transfer-cars': { ...TRANSFER, nb_classes: 196, lr: 7.5e-5 },
}

const BACKBONES = { vit_small: vitSmall, vit_base: vitBase, vit_large: vitLarge }

const networkOf = (a: Common, initScale: number) => [
  views({
    global: [
      {
        augment: [
          randomResizedCrop({ size: 224, scale: [0.08, 1] }),
          horizontalFlip({ p: 0.5 }),
          randAugment(),
          randomErasing({ p: a.reprob }),
        ],
      },
    ],
  }),
  mixing({ mixup: a.mixup, cutmix: a.cutmix, p: a.mixup_prob, switchProb: a.mixup_switch_prob }),
  a.arch === 'swin_tiny'
    ? swinTiny({ window: 7, dropPath: a.drop_path })
    : BACKBONES[a.arch as keyof typeof BACKBONES]({ dropPath: a.drop_path }),
  classifier({ classes: a.nb_classes, initScale, ...(a.finetune_head_layer === 1 ? { hidden: 2048 } : {}) }),
  crossEntropy({ labelSmoothing: a.smoothing }),
]
/** RASampler shows a picture three times. */
const trained = (a: Common, repeated_aug = false) =>
  train({
    batch: a.batch_size * a.gpus * a.update_freq,
    epochs: a.epochs,
    repeatedAugmentation: repeated_aug ? 3 : 1,
    precision: 'bfloat16',
  })

/** BEiT's learning rate is what it is called with, and its model tells that tokens and positions don't decay. */
const fineTuned = (given: Partial<typeof BEIT>) => {
  const a = { ...BEIT, ...given }
  return [
    ...networkOf(a, a.init_scale),
    adamw({
      lr: piecewise([linear({ from: 0, to: a.lr, for: `${a.warmup_epochs} epochs` }), cosine({ from: a.lr, to: a.min_lr })]),
      weightDecay: a.weight_decay,
      clip: 0,
      layerDecay: a.layer_decay,
      decayEmbeddings: false,
    }),
    trained(a),
  ]
}

/** DeiT's learning rate is that of a batch of 512, and changes once an epoch while it rises. */
const evaluated = (given: Partial<typeof DEIT>) => {
  const a = { ...DEIT, ...given }
  const lr = scaledByBatch({ value: a.lr, reference: 512 })
  return [
    ...networkOf(a, a.init_scale),
    adamw({
      lr: piecewise([
        linear({ from: a.warmup_lr, to: lr, for: `${a.warmup_epochs} epochs`, per: 'epoch' }),
        cosine({ from: lr, to: a.min_lr }),
      ]),
      weightDecay: a.weight_decay,
      clip: 0,
    }),
    trained(a, a.repeated_aug),
  ]
}

/** By the names of the pipelines: all of a pipeline but its data, the weights that it starts from, its checkpoints and probes. */
export const FINE_TUNINGS = [
  ...Object.entries(FINE_TUNING).map(([name, given]) => [name, fineTuned(given)] as const),
  ...Object.entries(SMALLER).map(([name, given]) => [name, evaluated(given)] as const),
]
