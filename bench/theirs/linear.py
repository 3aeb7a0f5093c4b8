"""The classifiers of a linear probe in PyTorch, as the official code trains them: an epoch whenever it is asked to.

    python linear.py SETUP        (bench/linearSetup.ts says what is in it)

Each classifier is an nn.Linear with an optimizer of its own, all of them on the same batch. Features are in memory, and a batch is
chosen by indexing, which is cheaper than a loader.
"""

import json
import sys
import time

import torch
from torch import nn

from bank import read
from protocol import await_command, say


def main():
    setup = json.loads(sys.argv[1])
    began = time.perf_counter()
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(0)
    features, labels = map(torch.from_numpy, read(setup, "bank"))
    test, test_labels = map(torch.from_numpy, read(setup, "queries"))
    batch, criterion = setup["batch"], nn.CrossEntropyLoss()
    classifiers = [nn.Linear(setup["width"], setup["classes"]) for _ in setup["rates"]]
    for classifier in classifiers:
        nn.init.zeros_(classifier.weight)
        nn.init.zeros_(classifier.bias)
    optimizers = [
        torch.optim.SGD(classifier.parameters(), rate * batch / 256, momentum=0.9, weight_decay=0)
        for classifier, rate in zip(classifiers, setup["rates"])
    ]
    schedulers = [torch.optim.lr_scheduler.CosineAnnealingLR(one, setup["epochs"], eta_min=0) for one in optimizers]
    say(ready=time.perf_counter() - began)

    def epoch():
        for some in torch.randperm(len(features)).split(batch):
            rows, wanted = features[some], labels[some]
            for classifier, optimizer in zip(classifiers, optimizers):
                loss = criterion(classifier(rows), wanted)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        for scheduler in schedulers:
            scheduler.step()

    while True:
        if await_command("step", "accuracy") == "step":
            began = time.perf_counter()
            epoch()
            say(seconds=time.perf_counter() - began)
        else:
            with torch.no_grad():
                right = [(one(test).argmax(1) == test_labels).float().mean().item() for one in classifiers]
            say(accuracy=100 * max(right))


if __name__ == "__main__":
    main()
