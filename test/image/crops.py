"""Writes crops.json: statistics of 4,000 boxes that torchvision draws for pictures of several shapes. Run it in this folder."""

import json

import numpy as np
import torch
import torchvision
from torchvision.transforms import RandomResizedCrop

DRAWS = 4000
# name: height, width, scale, ratio. The first two are the official crops of an ImageNet-like picture; in long pictures most
# boxes don't fit and the central one is taken; in small ones rounding shows.
SETTINGS = {
    'global': (375, 500, (0.25, 1.0), (3 / 4, 4 / 3)),
    'local': (375, 500, (0.05, 0.25), (3 / 4, 4 / 3)),
    'wide': (100, 1000, (0.05, 0.25), (3 / 4, 4 / 3)),
    'tall': (900, 160, (0.1, 1.0), (3 / 4, 4 / 3)),
    'small': (28, 28, (0.4, 1.0), (3 / 4, 4 / 3)),
    'any shape': (333, 222, (0.08, 1.0), (0.25, 4.0)),
}


def statistics(values, edges):
    values = np.asarray(values, float)
    counts, _ = np.histogram(values, edges)
    stderr = values.std(ddof=1) / np.sqrt(len(values))
    return {'mean': values.mean(), 'stderr': stderr, 'edges': list(map(float, edges)), 'counts': counts.tolist()}


def measured(name, height, width, scale, ratio):
    torch.manual_seed(20260101)
    picture = torch.zeros(1, height, width)
    boxes = [RandomResizedCrop.get_params(picture, scale, ratio) for _ in range(DRAWS)]
    top, left, h, w = np.array(boxes, float).T
    # Edges off the round numbers at which many boxes may lie.
    share = np.linspace(-0.0013, 1.0013, 21)
    aspect = np.linspace(*np.log(ratio) + np.array([-0.0731, 0.0729]), 21)
    return {
        'size': [height, width],
        'scale': scale,
        'ratio': ratio,
        'area': statistics(h * w / (height * width), share),
        'centerX': statistics((left + w / 2) / width, share),
        'centerY': statistics((top + h / 2) / height, share),
        'logAspect': statistics(np.log(w / h), aspect),
    }


settings = {name: measured(name, *setting) for name, setting in SETTINGS.items()}
versions = {'torch': torch.__version__, 'torchvision': torchvision.__version__}
with open('crops.json', 'w') as file:
    json.dump({'versions': versions, 'draws': DRAWS, 'settings': settings}, file, indent=1)
    file.write('\n')
