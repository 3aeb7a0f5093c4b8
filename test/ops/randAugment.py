"""Writes randAugment.json: what each step of timm's RandAugment makes of a picture at some magnitudes. Run it in this folder."""

import base64
import hashlib
import json

import numpy as np
import PIL
import timm
from PIL import Image
from timm.data import auto_augment

random = np.random.default_rng(20260101)
WIDTH, HEIGHT = 17, 14
y, x, c = np.mgrid[:HEIGHT, :WIDTH, :3]
gradients = 127 + 90 * np.sin(0.4 * x + c) * np.cos(0.3 * y - 2 * c)
picture = np.clip(gradients + random.normal(0, 30, gradients.shape), 0, 255).astype(np.uint8)
PICTURES = {'color': Image.fromarray(picture), 'grey': Image.fromarray(picture[:, :, 0].copy())}
FILLS = {'color': (124, 116, 104), 'grey': 117}
NAMES = {True: auto_augment._RAND_INCREASING_TRANSFORMS, False: auto_augment._RAND_TRANSFORMS}


def made(image, name, magnitude, negative, interpolation, fill):
    auto_augment._randomly_negate = lambda value: -value if negative else value
    hparams = {'img_mean': fill, 'interpolation': getattr(Image.Resampling, interpolation.upper())}
    return auto_augment.AugmentOp(name, prob=1, magnitude=magnitude, hparams=hparams)(image)


cases = []
for increasing, names in NAMES.items():
    for name in names:
        for magnitude in (0, 3.7, 9, 10):
            for negative in (False, True):
                for interpolation in ('bilinear', 'bicubic'):
                    for which, image in PICTURES.items():
                        if negative != (interpolation == 'bilinear') and which == 'grey':
                            continue
                        try:
                            out = made(image, name, magnitude, negative, interpolation, FILLS[which])
                        except ValueError:
                            # Pillow refuses to keep 0 bits.
                            assert name.startswith('Posterize')
                            continue
                        cases.append({'name': name.removesuffix('Increasing'), 'increasing': increasing, 'magnitude': magnitude,
                                      'negative': negative, 'interpolation': interpolation, 'picture': which,
                                      'sha256': hashlib.sha256(out.tobytes()).hexdigest()})

# What doesn't depend on the sign or on the interpolation is listed once.
seen, kept = set(), []
for case in cases:
    key = tuple(case[one] for one in ('name', 'increasing', 'magnitude', 'picture', 'sha256'))
    if key not in seen:
        kept.append(case)
    seen.add(key)

with open('randAugment.json', 'w') as file:
    json.dump({
        'versions': {'timm': timm.__version__, 'pillow': PIL.__version__},
        'pictures': {name: {'width': WIDTH, 'height': HEIGHT, 'channels': len(image.getbands()), 'fill': FILLS[name],
                            'data': base64.b64encode(image.tobytes()).decode()} for name, image in PICTURES.items()},
        'names': [name.removesuffix('Increasing') for name in NAMES[True]],
        'cases': kept,
    }, file, indent=1)
    file.write('\n')
