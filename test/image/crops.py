"""Writes crops.json: statistics of 4,000 boxes that torchvision cuts out and that timm erases in pictures of several shapes. Run it in
this folder."""

import json
import random

import numpy as np
import timm
import torch
import torchvision
from timm.data.random_erasing import RandomErasing
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


# name: height, width, area, aspect. In the small and in the long picture, some boxes don't fit and are drawn again.
ERASED = {
    'as timm does by default': (224, 224, (0.02, 1 / 3), (0.3, 1 / 0.3)),
    'small': (20, 20, (0.02, 0.5), (0.3, 1 / 0.3)),
    'wide': (40, 160, (0.1, 0.9), (0.3, 2.0)),
}


def statistics(values, edges):
    values = np.asarray(values, float)
    counts, _ = np.histogram(values, edges)
    stderr = values.std(ddof=1) / np.sqrt(len(values))
    return {'mean': values.mean(), 'stderr': stderr, 'edges': list(map(float, edges)), 'counts': counts.tolist()}


def measured_boxes(boxes, height, width, ratio, aspect):
    top, left, h, w = np.array(boxes, float).T
    # Edges off the round numbers at which many boxes may lie.
    share = np.linspace(-0.0013, 1.0013, 21)
    edges = np.linspace(*np.log(ratio) + np.array([-0.0731, 0.0729]), 21)
    return {
        'area': statistics(h * w / (height * width), share),
        'centerX': statistics((left + w / 2) / width, share),
        'centerY': statistics((top + h / 2) / height, share),
        'logAspect': statistics(np.log(aspect(h, w)), edges),
    }


def measured(name, height, width, scale, ratio):
    torch.manual_seed(20260101)
    picture = torch.zeros(1, height, width)
    boxes = [RandomResizedCrop.get_params(picture, scale, ratio) for _ in range(DRAWS)]
    return {'size': [height, width], 'scale': scale, 'ratio': ratio,
            **measured_boxes(boxes, height, width, ratio, lambda h, w: w / h)}


def erased(name, height, width, area, aspect):
    random.seed(20260101)
    erase = RandomErasing(1, *area, *aspect, mode='const', device='cpu')
    boxes = []
    while len(boxes) < DRAWS:
        rows, columns = np.nonzero(erase(torch.ones(1, height, width))[0].numpy() == 0)
        if len(rows) > 0:
            boxes.append((rows.min(), columns.min(), np.ptp(rows) + 1, np.ptp(columns) + 1))
    return {'size': [height, width], 'area': area, 'aspect': aspect,
            'boxes': measured_boxes(boxes, height, width, aspect, lambda h, w: h / w)}


settings = {name: measured(name, *setting) for name, setting in SETTINGS.items()}
erasures = {name: erased(name, *setting) for name, setting in ERASED.items()}
versions = {'timm': timm.__version__, 'torch': torch.__version__, 'torchvision': torchvision.__version__}
with open('crops.json', 'w') as file:
    json.dump({'versions': versions, 'draws': DRAWS, 'settings': settings, 'erased': erasures}, file, indent=1)
    file.write('\n')
