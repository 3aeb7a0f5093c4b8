"""Writes cifarPickles.json: a test batch of CIFAR-10 saved again by Python 3 and NumPy 2 in every protocol, with its labels as lists, arrays and
numbers of NumPy, and its values in other orders. Gzipped, in base64.

    pip install numpy
    python cifarPickles.py > cifarPickles.json
"""

import base64
import gzip
import json
import pickle
import sys

import numpy as np


def planes(start):
    """As in cifar.test.ts: one value a plane, but for their second: 200, 201, 202."""
    return np.concatenate([np.where(np.arange(1024) == 1, 200, start) + i for i in range(3)]).astype("u1")


data = np.stack([planes(10), planes(13)])
LABELS = {
    "a list": [2, 0],
    "an array": np.array([2, 0]),
    "an array of bytes": np.array([2, 0], "u1"),
    "a big-endian array": np.array([2, 0], ">i4"),
    "numbers of NumPy": [np.int64(2), np.uint8(0)],
    "an array of objects": np.array([2, 0], dtype=object),
    "a tuple": (2, 0),
}
DATA = {"": data, ", pictures of 3 × 32 × 32": data.reshape(2, 3, 32, 32), ", in Fortran's order": np.asfortranarray(data)}
files = {}
for protocol in range(6):
    for name, labels in LABELS.items():
        for kind, values in DATA.items():
            if kind and name != "an array":
                continue
            pickled = pickle.dumps({"data": values, "labels": labels, "batch_label": "testing batch 1 of 1"}, protocol)
            files[f"protocol {protocol}, labels as {name}{kind}"] = base64.b64encode(gzip.compress(pickled, mtime=0)).decode()
json.dump(files, sys.stdout, indent=0)
