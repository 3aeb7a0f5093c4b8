"""Writes timmTransform.json: statistics of what timm's create_transform makes of a picture in training. Run it in this folder."""

import base64
import json
import random

import numpy as np
import PIL
import timm
import torch
from PIL import Image
from timm.data import auto_augment, create_transform

DRAWS = 3000
SIZE = 24
WIDTH, HEIGHT = 40, 30
SETTINGS = {
    'fine-tuning': {'auto_augment': 'rand-m9-mstd0.5-inc1', 're_prob': 0.25, 're_mode': 'pixel', 're_count': 1},
    'colours alone': {'re_prob': 0.25, 're_mode': 'const', 're_count': 3},
}
# Pillow refuses to keep 0 bits, which once gave black.
posterize = auto_augment.posterize
auto_augment.NAME_TO_OP['PosterizeIncreasing'] = lambda image, bits, **other: (
    posterize(image, bits, **other) if bits > 0 else image.point(lambda _: 0))

np.random.seed(20260101)
y, x, c = np.mgrid[:HEIGHT, :WIDTH, :3]
gradients = 127 + 90 * np.sin(0.2 * x + c) * np.cos(0.15 * y - 2 * c)
picture = np.clip(gradients + np.random.normal(0, 20, gradients.shape), 0, 255).astype(np.uint8)


def statistics(values):
    values = np.asarray(values, float)
    # Edges off values that come often.
    edges = np.linspace(values.min() - 0.0131, values.max() + 0.0127, 21)
    return {'mean': values.mean(), 'stderr': values.std(ddof=1) / np.sqrt(DRAWS), 'edges': edges.tolist(),
            'counts': np.histogram(values, edges)[0].tolist()}


def measured(setting):
    torch.manual_seed(20260101)
    random.seed(20260101)
    np.random.seed(20260101)
    transform = create_transform(SIZE, is_training=True, color_jitter=0.4, interpolation='bicubic', **setting)
    views = np.stack([transform(Image.fromarray(picture)).numpy() for _ in range(DRAWS)]).astype(float)
    pixels = views.reshape(DRAWS, 3, -1)
    middle = views[:, :, SIZE // 2 - 4:SIZE // 2 + 4, SIZE // 2 - 4:SIZE // 2 + 4].reshape(DRAWS, -1)
    return {
        'statistics': {
            'red': statistics(pixels[:, 0].mean(-1)),
            'green': statistics(pixels[:, 1].mean(-1)),
            'blue': statistics(pixels[:, 2].mean(-1)),
            'spread': statistics(pixels.std(-1).mean(-1)),
            'colourfulness': statistics(pixels.std(1).mean(-1)),
            'middle': statistics(middle.mean(-1)),
            'roughness': statistics(np.abs(np.diff(views, axis=3)).mean((1, 2, 3))),
            'lowest': statistics(pixels.min(-1).min(-1)),
            'highest': statistics(pixels.max(-1).max(-1)),
        },
    }


with open('timmTransform.json', 'w') as file:
    json.dump({
        'versions': {'timm': timm.__version__, 'pillow': PIL.__version__},
        'draws': DRAWS,
        'size': SIZE,
        'picture': {'width': WIDTH, 'height': HEIGHT, 'channels': 3, 'data': base64.b64encode(picture.tobytes()).decode()},
        'settings': {name: measured(setting) for name, setting in SETTINGS.items()},
    }, file, indent=1)
    file.write('\n')
