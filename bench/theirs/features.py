"""Features of a batch of pictures in memory by the official code's network, whenever it is asked to.

    python features.py SETUP        (bench/setup.ts says what is in it)
"""

import contextlib
import json
import sys
import time

import torch

from official import load
from protocol import await_command, say


def main():
    setup = json.loads(sys.argv[1])
    began = time.perf_counter()
    torch.set_num_threads(setup["threads"])
    model = setup["model"]
    _, models, *_ = load(setup["precision"])
    network = getattr(models, model["arch"])(patch_size=model["patch"], num_classes=0).eval()
    pictures = torch.randn(setup["batch"], 3, model["size"], model["size"])
    precision = torch.autocast("cpu", torch.bfloat16) if setup["precision"] == "bfloat16" else contextlib.nullcontext()
    say(ready=time.perf_counter() - began)
    while True:
        await_command("step")
        began = time.perf_counter()
        with torch.inference_mode(), precision:
            rows = network(pictures).float().numpy()
        say(seconds=time.perf_counter() - began, width=rows.shape[1])


if __name__ == "__main__":
    main()
