"""Writes test/golden/masks_one_variance: masks that the official loader draws from several ratios that share a variance.

    python test/parity/masks.py LOADER     # LOADER: loader.py of bytedance/ibot, commit da316d8

Needs numpy, torchvision and safetensors. The statistics are those of test/golden/masks.json.
"""

import importlib.util
import json
import math
import random
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

DRAWS, START, FEW, EXAMPLES, SEED = 4000, 3, 50, 32, 20
ASPECT = (0.3, 1 / 0.3)
OUT = Path(__file__).parent.parent / "golden" / "masks_one_variance"

# As an argument parser gives them: a number, or a list of one, that counts for all ratios; zip() drops ratios without one.
SETTINGS = {
    "block_one_variance_14": ((224, 224), 16, [0.2, 0.4], 0.1, "block"),
    "block_listed_variance_7": ((224, 224), 32, [0.3, 0.5], [0.1], "block"),
    "block_listed_ratio_12x8": ((96, 64), 8, [0.4], [0.2], "block"),
    "block_fewer_variances_6": ((96, 96), 16, [0.1, 0.4, 0.6], [0.1, 0.0], "block"),
    "rand_one_variance_14": ((224, 224), 16, [0.1, 0.3, 0.5], 0.05, "rand"),
}


def official(loader: str):
    spec = importlib.util.spec_from_file_location("official_loader", loader)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # One picture without a file: only its size counts.
    base = module.ImageFolderMask.__mro__[1]
    base.__init__ = lambda self, shape: setattr(self, "view", np.zeros((3, *shape)))
    base.__getitem__ = lambda self, index: ([self.view], 0)
    return module.ImageFolderMask


def mask_of(data) -> np.ndarray:
    return np.asarray(data[0][-1][0], dtype=np.uint8)


def moments(values) -> dict:
    values = np.asarray(values, dtype=np.float64)
    std = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return {"mean": float(values.mean()), "n": len(values), "std": std, "stderr": std / math.sqrt(len(values))}


def extent(cells) -> tuple:
    rows, columns = zip(*cells)
    return max(rows) - min(rows) + 1, max(columns) - min(columns) + 1


def components(mask: np.ndarray) -> list:
    """Cells that hang together over edges."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(mask))))
    parts = []
    while left:
        part, todo = [], [left.pop()]
        while todo:
            y, x = todo.pop()
            part.append((y, x))
            for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if near in left:
                    left.remove(near)
                    todo.append(near)
        parts.append(part)
    return parts


def measured(make, shape, psz, ratio, variance, kind) -> tuple:
    options = dict(patch_size=psz, pred_ratio=ratio, pred_ratio_var=variance, pred_aspect_ratio=ASPECT, pred_shape=kind)
    data = make(shape, **options)
    masks = np.stack([mask_of(data) for _ in range(DRAWS)])
    counts = masks.reshape(DRAWS, -1).sum(1).astype(np.int32)
    size = masks[0].size
    ratios = counts / size
    parts = [components(mask) for mask in masks if mask.any()]
    boxes = np.array([h / w for h, w in (extent([cell for part in one for cell in part]) for one in parts)])
    sides = np.array([h / w for one in parts for h, w in map(extent, one)])
    late = make(shape, pred_start_epoch=START, **options)
    unset = float(np.mean([mask_of(late).mean() for _ in range(FEW)]))
    epochs = []
    for epoch in range(START + 1):
        late.set_epoch(epoch)
        epochs.append(float(np.mean([mask_of(late).mean() for _ in range(FEW)])))
    edges = np.linspace(0, 1, 21)
    stats = {
        "grid": list(masks[0].shape),
        "fraction_zero": float((counts == 0).mean()),
        "ratio": moments(ratios),
        "ratio_given_nonzero": moments(ratios[ratios > 0]),
        "ratio_hist": np.histogram(ratios, edges)[0].tolist(),
        "ratio_hist_edges": edges.tolist(),
        "bbox_height_over_width": moments(boxes),
        "bbox_log_height_over_width": moments(np.log(boxes)),
        "bbox_abs_log_aspect": moments(np.abs(np.log(boxes))),
        "component_abs_log_aspect": moments(np.abs(np.log(sides))),
        "components_given_nonzero": moments([len(one) for one in parts]),
        "pred_start_epoch_3": {
            "mean_ratio_at_epoch_0_to_3_over_50_draws": epochs,
            "mean_ratio_without_set_epoch_over_50_draws": unset,
        },
    }
    arrays = {"counts": counts, "examples": masks[:EXAMPLES], "prob_map": masks.mean(0).astype(np.float32)}
    return stats, arrays


def main(loader: str) -> None:
    make = official(loader)
    config, statistics, arrays = {}, {}, {}
    for name, (shape, psz, ratio, variance, kind) in SETTINGS.items():
        random.seed(SEED)
        np.random.seed(SEED)
        statistics[name], found = measured(make, shape, psz, ratio, variance, kind)
        arrays |= {f"{name}/{what}": np.ascontiguousarray(array) for what, array in found.items()}
        config[name] = {
            "draws": DRAWS,
            "image_hw": shape,
            "patch_size": psz,
            "pred_aspect_ratio": ASPECT,
            "pred_ratio": ratio,
            "pred_ratio_var": variance,
            "pred_shape": kind,
        }
    save_file(arrays, OUT.with_suffix(".safetensors"))
    tensors = {name: {"dtype": str(array.dtype), "shape": list(array.shape)} for name, array in arrays.items()}
    description = {
        "name": OUT.name,
        "official_commit": "da316d8",
        "seed": SEED,
        "tolerance": {"default": {"note": "statistical, as in masks.json"}},
        "config": config,
        "stats": statistics,
        "tensors": tensors,
    }
    OUT.with_suffix(".json").write_text(json.dumps(description, indent=1) + "\n")


main(sys.argv[1])
