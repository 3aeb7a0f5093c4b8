import { NETWORKS } from '../../base/networkName'
import { stage } from '../../dsl/plan'
import { choice, optional, required, text } from '../../dsl/type'
import { initialWeightsSlot } from '../slots'

export const initialWeights = stage(initialWeightsSlot)({
  name: 'initialWeights',
  doc: 'What the student, and the teacher if there is one, start from, instead of random weights: a network in a file. A head or a mask embedding that the file lacks starts at random, what it has beside the backbone is left out (a run lists both), position tables are resized, and a classifier of other classes starts anew; any other weight of another shape, and a layer of the backbone that one has and the other lacks, is a mistake. Other heads than those that the file tells are warned of.',
  source:
    'checkpoints of the reference implementation; names of DINO, DINOv2, timm, torchvision, OpenMMLab and of Hugging Face’s ViTModel, DeiTModel, Dinov2Model and SwinModel',
  needs: ['tokens.cls', 'tokens.patch'],
  gives: ['initialWeights'],
  example: 'checkpoint_teacher.pth',
  fields: {
    file: required(
      text,
      'a checkpoint of PyTorch, which is read and never run, or a safetensors file; a relative path starts at the folder in which the command runs',
    ),
    network: optional(choice(...NETWORKS), 'teacher', 'whose weights, where the file has those of both networks'),
  },
  main: 'file',
  build: (from) => from,
})
