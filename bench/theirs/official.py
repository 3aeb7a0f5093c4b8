"""Imports the official iBOT code from the checkout that IBOT_OFFICIAL names, to run in one process, on a CPU or a GPU.

What is replaced here is what the code expects around it (a logger, a folder of pictures, several processes; on a CPU also the
GPU); nothing that computes is.
"""

import importlib
import os
import sys
import types
import warnings

warnings.filterwarnings("ignore")

import torch
import torch.distributed
import torchvision.datasets


class Views:
    """Instead of a folder of pictures: each has the same crops, of which the official loader sees only the sizes."""

    def __init__(self, *_, sizes, count, **__):
        self.crops = [torch.empty(3, size, size) for size in sizes]
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, _):
        return self.crops, 0


class _Anything(types.ModuleType):
    """A module in which every name is found: for what is imported but not used by a training step."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(f"{self.__name__}.{name}")


def _stub_if_missing(*names):
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            sys.modules[name] = _Anything(name)


def load(precision, device="cpu"):
    """The official `main_ibot`, `models`, `utils` and `loader`; mixed precision as the device has it, where it is asked for."""
    # Logging and the clustering scores at an epoch's end.
    _stub_if_missing("tensorboardX", "sklearn", "munkres")
    torchvision.datasets.ImageFolder = Views
    if device == "cpu":
        torch.Tensor.cuda = lambda self, *_, **__: self
        torch.cuda.synchronize = lambda *_: None
    else:
        # As the official train_ibot sets it.
        torch.backends.cudnn.benchmark = True
    if precision == "bfloat16":
        # The range of bfloat16 is that of float32, so there is no loss scaling and hence no scaler to ask for it.
        torch.cuda.amp.autocast = lambda *_: torch.autocast(device, dtype=torch.bfloat16)
    group = "gloo" if device == "cpu" else "nccl"
    torch.distributed.init_process_group(group, store=torch.distributed.HashStore(), rank=0, world_size=1)
    sys.path.insert(0, os.environ["IBOT_OFFICIAL"])
    return tuple(importlib.import_module(name) for name in ("main_ibot", "models", "utils", "loader"))
