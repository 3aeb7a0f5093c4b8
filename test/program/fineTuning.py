"""Writes fineTuning.json and fineTuning.safetensors: three steps of fine-tuning by torch and timm, and the layers of weights.

python fineTuning.py optim_factory.py

`optim_factory.py` is that of the official code (evaluation/classification_layer_decay). Made with torch 2.15.0 and timm 1.0.31.
"""
import ast
import json
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from safetensors.numpy import save_file
from timm.data.mixup import Mixup
from timm.loss import LabelSmoothingCrossEntropy, SoftTargetCrossEntropy
from timm.models.vision_transformer import VisionTransformer

HERE = Path(__file__).parent
CLASSES, BATCH, SIZE, SMOOTHING, LAYER_DECAY, WEIGHT_DECAY = 5, 4, 16, 0.1, 0.65, 0.05
LR = [1e-3, 2e-3, 5e-4]
DEPTH = 3
# What Mixup draws: the share of CutMix's box and its middle, mixup's share, nothing.
DRAWN = [{'cutmix': 0.6, 'row': 13, 'column': 5}, {'mixup': 0.3}, {}]

# The official assignment of layers, without the imports of its file.
wanted = ('get_num_layer_for_vit', 'get_num_layer_for_swin', 'LayerDecayValueAssigner')
source = ast.parse(Path(sys.argv[1]).read_text())
official = {}
exec(compile(ast.Module([node for node in source.body if getattr(node, 'name', '') in wanted], []), 'official', 'exec'), official)


def assigned(names, layers, depths=None):
    values = [LAYER_DECAY ** (layers + 1 - i) for i in range(layers + 2)]
    assigner = official['LayerDecayValueAssigner'](values, is_swin=depths is not None, depths=depths)
    # Its name for the embedding of hidden patches is BEiT's.
    layer_of = {name: assigner.get_layer_id('mask_token' if name == 'masked_embed' else name) for name in names}
    return {name: [layer, assigner.get_scale(layer)] for name, layer in layer_of.items()}


keys = json.loads((HERE.parent / 'golden' / 'param_groups.json').read_text())
backbone = lambda group: [
    key.removeprefix('backbone.') for key in keys['groups'][group]['state_dict_keys'] if key.startswith('backbone.')
]
depths = keys['config']['swin']['depths']
layers = {
    'vit': assigned(backbone('vit_gamma_bn'), keys['config']['vitg']['depth']),
    'swin': assigned(backbone('swin_shared_free_last'), sum(depths), depths),
}

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
model = VisionTransformer(
    img_size=SIZE, patch_size=4, num_classes=CLASSES, global_pool='token', embed_dim=12, depth=DEPTH, num_heads=3, mlp_ratio=2,
    qkv_bias=False,
)
arrays = {}
with torch.no_grad():
    for name, weight in model.named_parameters():
        weight.copy_((torch.randn_like(weight) * 0.2 + (1 if 'norm' in name and name.endswith('weight') else 0)).float())
        arrays[f'before/{name}'] = weight.numpy().astype(np.float32)

table = assigned([name for name, _ in model.named_parameters()], DEPTH)
groups = []
for name, weight in model.named_parameters():
    decays = not (weight.ndim == 1 or name.endswith('.bias') or name in ('pos_embed', 'cls_token'))
    groups.append({'params': [weight], 'weight_decay': WEIGHT_DECAY if decays else 0.0, 'lr_scale': table[name][1]})
optimizer = torch.optim.AdamW(groups, lr=LR[0])

losses = []
numbers = []
for step, drawn in enumerate(DRAWN):
    images = torch.randn(BATCH, 3, SIZE, SIZE).float().double()
    labels = torch.randint(0, CLASSES, (BATCH,))
    arrays[f'images/{step}'] = images.permute(0, 2, 3, 1).numpy().astype(np.float32)
    arrays[f'labels/{step}'] = labels.numpy().astype(np.float32)
    criterion = SoftTargetCrossEntropy() if drawn else LabelSmoothingCrossEntropy(SMOOTHING)
    targets = labels
    if drawn:
        mixup = Mixup(mixup_alpha=0.8, cutmix_alpha=1, label_smoothing=SMOOTHING, num_classes=CLASSES)
        mixup._params_per_batch = lambda: (drawn.get('mixup', drawn.get('cutmix')), 'cutmix' in drawn)
        places = iter([drawn.get('row'), drawn.get('column')])
        with patch('numpy.random.randint', lambda low, high, size=None: next(places)):
            images, targets = mixup(images, labels)
        arrays[f'mixed/{step}'] = images.permute(0, 2, 3, 1).numpy().astype(np.float32)
        arrays[f'targets/{step}'] = targets.numpy().astype(np.float32)
        targets = targets.double()
    optimizer.zero_grad()
    loss = criterion(model(images), targets)
    loss.backward()
    losses.append(loss.item())
    for group in optimizer.param_groups:
        group['lr'] = LR[step] * group['lr_scale']
    optimizer.step()
for name, weight in model.named_parameters():
    arrays[f'after/{name}'] = weight.detach().numpy().astype(np.float32)

save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, HERE / 'fineTuning.safetensors')
described = {
    'tolerance': {'default': {'atol': 2e-6, 'rtol': 1e-5}},
    'classes': CLASSES, 'batch': BATCH, 'size': SIZE, 'depth': DEPTH, 'smoothing': SMOOTHING,
    'layerDecay': LAYER_DECAY, 'weightDecay': WEIGHT_DECAY, 'lr': LR, 'drawn': DRAWN, 'losses': losses, 'depths': depths,
    'vitDepth': keys['config']['vitg']['depth'], 'layers': layers,
}
(HERE / 'fineTuning.json').write_text(json.dumps(described, indent=1) + '\n')
