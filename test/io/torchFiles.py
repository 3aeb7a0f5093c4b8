"""Writes torchFiles.json: small checkpoints by PyTorch, sound and not. Run it in this folder to write it again."""

import argparse
import base64
import collections
import copy
import io
import json
import os
import zipfile

import numpy as np
import torch

base = torch.arange(12, dtype=torch.float32)
value = {
    "dtypes": {
        str(t)[6:]: torch.tensor([0, 1, 2.5, -3] if t.is_floating_point else [0, 1, 2, 100]).to(t)
        for t in [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
    },
    "whole": base.view(3, 4),
    "transposed": base.view(3, 4).t(),
    "column": base.view(3, 4)[:, 1],
    "part": base[5:8],
    "scalar": torch.tensor(7.0),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(torch.ones(2)),
    "ordered": collections.OrderedDict(a=torch.zeros(1)),
    "args": argparse.Namespace(arch="vit_small", lr=np.float64(0.5)),
}


def saved(value, legacy=False):
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=not legacy)
    return file.getvalue()


def rezipped(content, change, compression=zipfile.ZIP_STORED):
    """The archive written again, each file as `change(name, bytes)` gives it: a list of names and bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", compression) as new:
        for name in old.namelist():
            for changed, data in change(name, old.read(name)):
                new.writestr(zipfile.ZipInfo(changed, (2026, 1, 1, 0, 0, 0)), data, compression)
    return file.getvalue()


class Command:
    def __reduce__(self):
        return os.system, ("echo run",)


def overlapping(count, size):
    """An archive of many files which all are the same bytes of it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data/0", bytes(size))
        for i in range(1, count):
            entry = copy.copy(archive.filelist[0])
            entry.filename = entry.orig_filename = f"archive/data/{i}"
            archive.filelist.append(entry)
    return file.getvalue()


small = saved({"a": torch.ones(4)})
keep = lambda name, data: [(name, data)]
only = lambda part, other: lambda name, data: other(name, data) if part in name else [(name, data)]
files = {
    "zip": saved(value),
    "legacy": saved(value, legacy=True),
    "small": small,
    "small legacy": saved({"a": torch.ones(4)}, legacy=True),
    "command": saved({"a": torch.ones(4), "b": Command()}),
    "command legacy": saved({"a": torch.ones(4), "b": Command()}, legacy=True),
    "module": saved(torch.nn.Linear(1, 1)),
    "compressed": rezipped(saved({"a": torch.zeros(1_000_000)}), keep, zipfile.ZIP_DEFLATED),
    "escaping": rezipped(small, only("data/0", lambda name, data: [(name, data), ("archive/../../evil", data)])),
    "absolute": rezipped(small, only("data/0", lambda name, data: [(name, data), ("/etc/evil", data)])),
    "backslash": rezipped(small, only("data/0", lambda name, data: [(name, data), ("archive\\..\\evil", data)])),
    "two folders": rezipped(small, only("data/0", lambda name, data: [(name, data), ("other/data", data)])),
    "short": rezipped(small, only("data/0", lambda name, data: [(name, data[:-1])])),
    "lacking": rezipped(small, only("data/0", lambda name, data: [])),
    "no pickle": rezipped(small, only("data.pkl", lambda name, data: [])),
    "big-endian": rezipped(small, only("byteorder", lambda name, data: [(name, b"big")])),
    "overlapping": overlapping(5, 2000),
    "none": rezipped(small, lambda name, data: [("notes.txt", data)] if "pkl" in name else []),
}
with open("torchFiles.json", "w") as file:
    json.dump({name: base64.b64encode(data).decode() for name, data in files.items()}, file, indent=0)
