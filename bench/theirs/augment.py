"""augment.py SETUP: reads pictures and makes their views with the official transform whenever it is asked to.

Its seconds are those of the processor, per picture.
"""

import json
import os
import sys
import time

from protocol import await_command, say

setup = json.loads(sys.argv[1])

import official
import torch
from PIL import Image

torch.set_num_threads(1)
main_ibot = official.load("float32")[0]
transform = main_ibot.DataAugmentationiBOT(tuple(setup["global"]), tuple(setup["local"]), 2, setup["locals"])
files = [os.path.join(setup["folder"], name) for name in sorted(os.listdir(setup["folder"]))]


def views(path):
    # torchvision.datasets.folder.pil_loader
    with open(path, "rb") as file:
        return transform(Image.open(file).convert("RGB"))


say(ready=0)
while True:
    await_command("step")
    began = time.process_time()
    for path in files:
        views(path)
    say(seconds=(time.process_time() - began) / len(files))
