"""Writes pillow.json: what Pillow, torchvision and timm make of a few small pictures. Run it in this folder to write it again."""

import base64
import hashlib
import json

import numpy as np
import PIL
import timm
import torchvision
import torchvision.transforms.functional as F
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from timm.data import auto_augment

random = np.random.default_rng(20260101)
text = lambda array: base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
values = lambda image: np.array(image).reshape(image.height, image.width, -1)


def picture(width, height, channels):
    """Noise on gradients, with some values at the very ends."""
    y, x, c = np.mgrid[:height, :width, :channels]
    gradients = 127 + 110 * np.sin(0.5 * x + c) * np.cos(0.4 * y - 2 * c)
    noisy = gradients + random.normal(0, 40, gradients.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def resize(image, interpolation, box, size):
    """Rows first, then columns, in two calls: versions of Pillow differ in the order."""
    left, top, width, height = box
    filter = getattr(Image.Resampling, interpolation.upper())
    part = image.crop((left, top, left + width, top + height))
    return part.resize((size[1], height), filter).resize((size[1], size[0]), filter)


def fill_of(image):
    return (124, 116, 104) if image.mode == 'RGB' else 117


def rotate(image, degrees, interpolation):
    return image.rotate(degrees, getattr(Image.Resampling, interpolation.upper()), fillcolor=fill_of(image))


def affine(image, matrix, interpolation):
    filter = getattr(Image.Resampling, interpolation.upper())
    return image.transform(image.size, Image.Transform.AFFINE, matrix, filter, fillcolor=fill_of(image))


OPS = {
    'resize': resize,
    'gaussianBlur': lambda image, radius: image.filter(ImageFilter.GaussianBlur(radius)),
    'adjustBrightness': F.adjust_brightness,
    'adjustContrast': F.adjust_contrast,
    'adjustSaturation': F.adjust_saturation,
    'adjustHue': F.adjust_hue,
    'grayscale': lambda image: F.rgb_to_grayscale(image, len(image.getbands())),
    'solarize': ImageOps.solarize,
    'centerCrop': F.center_crop,
    'crop': lambda image, left, top, width, height: F.crop(image, top, left, height, width),
    'flipHorizontal': F.hflip,
    'autocontrast': ImageOps.autocontrast,
    'equalize': ImageOps.equalize,
    'invert': ImageOps.invert,
    'posterize': ImageOps.posterize,
    'solarizeAdd': auto_augment.solarize_add,
    'adjustSharpness': lambda image, factor: ImageEnhance.Sharpness(image).enhance(factor),
    'rotate': rotate,
    'affine': affine,
}

PARAMETERS = {
    'resize': [
        ['bicubic', [0, 0, 13, 11], [28, 28]],
        ['bicubic', [0, 0, 13, 11], [5, 4]],
        ['bicubic', [2, 1, 9, 10], [7, 12]],
        ['bicubic', [2, 1, 9, 10], [3, 9]],
        ['bicubic', [2, 1, 9, 10], [10, 20]],
        ['bicubic', [12, 10, 1, 1], [6, 5]],
        ['bicubic', [0, 0, 13, 11], [1, 1]],
        ['bilinear', [0, 0, 13, 11], [28, 28]],
        ['bilinear', [1, 3, 12, 7], [4, 5]],
    ],
    # At 4.415 and 17.529 a value depends on the box's radius being a float32.
    'gaussianBlur': [[radius] for radius in (0.1, 0.35, 0.8, 1.2, 1.63, 2.0, 3.7, 4.415, 9.5, 17.529)],
    'adjustBrightness': [[factor] for factor in (0, 0.55, 1, 1.73)],
    'adjustContrast': [[factor] for factor in (0, 0.55, 1, 1.73)],
    'adjustSaturation': [[factor] for factor in (0, 0.55, 1, 1.73)],
    'adjustHue': [[factor] for factor in (-0.5, -0.1, -0.003, 0, 0.08, 0.5)],
    'grayscale': [[]],
    'solarize': [[threshold] for threshold in (0, 60, 128, 256)],
    'centerCrop': [[size] for size in (4, 5, 6, 7, 11, 12, 13, 14, 20)],
    'crop': [[3, 2, 5, 6], [-2, -1, 6, 4], [9, 8, 7, 9], [-4, 3, 2, 2]],
    'flipHorizontal': [[]],
    'autocontrast': [[]],
    'equalize': [[]],
    'invert': [[]],
    'posterize': [[bits] for bits in (1, 3, 4, 7, 8)],
    'solarizeAdd': [[added] for added in (0, 37, 110, 128)],
    'adjustSharpness': [[factor] for factor in (0, 0.19, 1, 1.9)],
    'rotate': [[degrees, interpolation] for interpolation in ('bilinear', 'bicubic')
               for degrees in (0, 30, -27.3, 90, 180, -720.5)],
    'affine': [[matrix, interpolation] for interpolation in ('bilinear', 'bicubic') for matrix in (
        [1, 0.27, 0, 0, 1, 0], [1, 0, 0, -0.3, 1, 0], [1, 0, 5.85, 0, 1, 0], [1, 0, 0, 0, 1, -4.5], [1, 0, -0.5, 0, 1, 0.5],
        [0.7, 0.2, -1.3, -0.1, 1.4, 2.2])],
}


def main():
    pictures = {'grey': picture(13, 11, 1), 'color': picture(13, 11, 3)}
    # One with little of the range, in which no value takes a step of its own, for what goes by histograms.
    pictures['dark'] = (picture(29, 23, 3) // 4 + np.uint8([20, 9, 40])).astype(np.uint8)
    cases = []
    for name, array in pictures.items():
        image = Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array)
        for op, settings in PARAMETERS.items():
            if name == 'dark' and op not in ('autocontrast', 'equalize'):
                continue
            for parameters in settings:
                out = OPS[op](image, *parameters)
                cases.append({'op': op, 'picture': name, 'parameters': parameters,
                              'width': out.width, 'height': out.height, 'data': text(values(out))})

    # Every third level of each channel: 86 x 86 x 86 colours, red outermost.
    levels = np.arange(0, 256, 3, dtype=np.uint8)
    colors = np.stack(np.meshgrid(levels, levels, levels, indexing='ij'), -1).reshape(86 * 86, 86, 3)
    sha256 = lambda mode_from, mode_to: hashlib.sha256(
        Image.frombytes(mode_from, (86, 86 * 86), colors.tobytes()).convert(mode_to).tobytes()).hexdigest()

    shapes = [[97, 131], [131, 97], [64, 64], [375, 500], [333, 500], [28, 28], [7, 1000]]
    sides = [224, 256, 48, 3]
    resized = [{'size': shape, 'side': side, 'resized': [F.resize(Image.new('L', shape[::-1]), side).height,
                F.resize(Image.new('L', shape[::-1]), side).width]} for shape in shapes for side in sides]

    with open('pillow.json', 'w') as file:
        json.dump({
            'versions': {'pillow': PIL.__version__, 'torchvision': torchvision.__version__.split('+')[0],
                         'timm': timm.__version__},
            'pictures': {name: {'width': array.shape[1], 'height': array.shape[0], 'channels': array.shape[2],
                                'data': text(array)}
                         for name, array in pictures.items()},
            'cases': cases,
            'hsv_of_colors_sha256': sha256('RGB', 'HSV'),
            'rgb_of_hsv_colors_sha256': sha256('HSV', 'RGB'),
            'short_side': resized,
        }, file, indent=1)
        file.write('\n')


main()
