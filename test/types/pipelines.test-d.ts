/** The same promises as in illTyped.test-d.ts, for the ops that users have: what they are missing, by name. */
import {
  adamw,
  block,
  center,
  checkpoint,
  classifier,
  clsDistillation,
  cosine,
  crossEntropy,
  dataset,
  emaTeacher,
  fashionMnist,
  horizontalFlip,
  initialWeights,
  knn,
  lars,
  maskedImageModeling,
  masking,
  mixing,
  mixture,
  none,
  piecewise,
  pipe,
  pipeline,
  pixelReconstruction,
  projectionHead,
  randomResizedCrop,
  run,
  scaledByBatch,
  sgd,
  shared,
  sharpen,
  swin,
  swinTiny,
  train,
  views,
  vit,
  vitSmall,
} from '../../src/index'

const crop = randomResizedCrop({ size: 28 })
const seen = pipe(
  pipeline('a'),
  dataset(fashionMnist()),
  views({ global: [{ times: 2, augment: [crop, horizontalFlip({ p: 0.5 })] }] }),
)
const masked = pipe(seen, masking(mixture([none(), block({ ratio: [0.1, 0.5] })])))
const backbone = vit({ patch: 7, width: 64, depth: 2, heads: 4 })
const head = projectionHead({ output: shared(64) })
const optimizer = adamw({ lr: cosine({ from: scaledByBatch(5e-4), to: 1e-6 }) })

/** This one compiles and can be run. */
export const complete = pipe(
  masked,
  backbone,
  head,
  emaTeacher(0.996),
  clsDistillation({ target: [center(0.9), sharpen(0.04)] }),
  maskedImageModeling(),
  optimizer,
  train({ batch: 64, steps: 10 }),
  knn({ test: fashionMnist('test') }),
)
void (() => run(complete))

// @ts-expect-error a pipeline without loss, optimizer and training can't be run
void (() => run(masked))
// @ts-expect-error masked image modelling needs a mask, and nothing above gives one
pipe(seen, backbone, head, emaTeacher(0.996), maskedImageModeling())
// @ts-expect-error a loss needs a teacher
pipe(masked, backbone, head, clsDistillation())
// @ts-expect-error so does one beside a loss that needs none
pipe(masked, backbone, head, pixelReconstruction(), maskedImageModeling())
// Backbones of a usual size say all that must be said.
pipe(masked, vitSmall(), head)
pipe(masked, swinTiny({ window: 14 }), head)
// @ts-expect-error a backbone of any size is told its size
swin({ window: 14 })
// @ts-expect-error windows belong to Swin transformers
vitSmall({ window: 14 })
// @ts-expect-error two sets of initial weights
pipe(masked, backbone, initialWeights('a.pth'), initialWeights('b.pth'))
// @ts-expect-error two stages that say when checkpoints are saved
pipe(complete, checkpoint({ keep: 3 }), checkpoint())
// @ts-expect-error a second backbone
pipe(masked, vitSmall(), swinTiny({ window: 14 }), head)
// @ts-expect-error a second head
pipe(masked, vitSmall(), head, head)
// Pixels are reconstructed from tokens: that takes a mask, and neither a head nor a teacher.
const alone = pipe(masked, vitSmall(), initialWeights('vit.safetensors'), pixelReconstruction(), optimizer)
void (() => run(pipe(alone, train({ batch: 64, steps: 10 }), knn({ test: fashionMnist('test') }))))
// There may be one all the same: it follows, and is what is measured.
void (() => run(pipe(masked, vitSmall(), emaTeacher(0.99), pixelReconstruction(), optimizer, train({ batch: 64, steps: 10 }))))
// @ts-expect-error weights are those of a backbone, which comes first
pipe(masked, initialWeights('vit.safetensors'))
// @ts-expect-error without a mask nothing is hidden
pipe(seen, vitSmall(), pixelReconstruction())
// @ts-expect-error a loss on logits needs a head
pipe(masked, vitSmall(), emaTeacher(0.996), maskedImageModeling())
// A pipeline that ends in a label takes a classifier, and no teacher.
const labelled = pipe(seen, mixing(), vitSmall(), classifier({ classes: 10 }), crossEntropy({ labelSmoothing: 0.1 }), optimizer)
void (() => run(pipe(labelled, train({ batch: 64, steps: 10 }))))
// @ts-expect-error a projection head gives no logits of classes
pipe(seen, vitSmall(), head, crossEntropy())
// @ts-expect-error a classifier gives no logits of prototypes
pipe(seen, vitSmall(), classifier({ classes: 10 }), emaTeacher(0.99), clsDistillation())
// @ts-expect-error a second mixing
pipe(seen, mixing(), mixing({ cutmix: 0 }))
// @ts-expect-error how many classes there are must be said
classifier()
// @ts-expect-error pictures are mixed once they are views
pipe(pipeline('a'), dataset(fashionMnist()), mixing())
sgd({ lr: 0.03 })
lars({ lr: 0.3, eta: 0.001 })
// @ts-expect-error a learning rate must be given
sgd()
// @ts-expect-error betas belong to AdamW
lars({ lr: 0.3, betas: { first: 0.9 } })
// @ts-expect-error the head needs tokens: the backbone comes first
pipe(masked, head, backbone)
// @ts-expect-error masks are drawn on views
pipe(pipeline('a'), dataset(fashionMnist()), masking(none()))
// @ts-expect-error a target ends with a distribution
clsDistillation({ target: [sharpen(0.04), center(0.9)] })
// @ts-expect-error a schedule is no augmentation
views({ global: [{ augment: [cosine({ from: 0, to: 1 })] }] })
// @ts-expect-error a source is no stage: dataset(…) makes one of it
pipe(pipeline('a'), fashionMnist())
// @ts-expect-error a duration has a unit
piecewise([cosine({ from: 1, to: 0, for: '10' }), 0])
// @ts-expect-error 'bach' is a typo
train({ bach: 64, steps: 10 })
// @ts-expect-error the probe needs pictures to classify
knn({ k: 20 })
