"""k-NN classification in numpy: all queries whenever it is asked to, from features in memory to accuracies.

    python knn.py SETUP        (bench/knnSetup.ts says what is in it)

Chunks of queries are multiplied with the whole bank by BLAS. A partition of the values, several times as fast as one that moves
indices along, gives the k-th largest similarity of each query; its neighbours are those that reach it.
"""

import json
import sys
import time

import numpy

from bank import read
from protocol import await_command, say

CHUNK = 256


def neighbours(similarities, k):
    """The columns of the k largest entries of each row, in no order."""
    bar = numpy.partition(similarities, -k, axis=1)[:, -k, None]
    columns = numpy.nonzero(similarities >= bar)[1]
    if len(columns) == k * len(similarities):
        return columns.reshape(-1, k)
    # Some row has equals at the bar.
    return numpy.argpartition(similarities, -k, axis=1)[:, -k:]


def votes(similarities, labels, classes, k, temperature):
    """For each query and class the sum of exp(similarity / temperature) over its k nearest rows."""
    rows = numpy.arange(len(similarities))[:, None]
    nearest = neighbours(similarities, k)
    weights = numpy.exp(similarities[rows, nearest] / temperature, dtype=numpy.float64)
    cells = rows * classes + labels[nearest]
    return numpy.bincount(cells.ravel(), weights.ravel(), len(similarities) * classes).reshape(-1, classes)


def classify(bank, bank_labels, queries, query_labels, classes, k, temperature):
    """Top-1 and top-5 accuracy in percent; among classes with equally many votes the lower id comes first."""
    hits = numpy.zeros(2)
    columns = numpy.ascontiguousarray(bank.T)
    ids = numpy.arange(classes)
    for first in range(0, len(queries), CHUNK):
        labels = query_labels[first : first + CHUNK, None]
        cast = votes(queries[first : first + CHUNK] @ columns, bank_labels, classes, k, temperature)
        own = numpy.take_along_axis(cast, labels, axis=1)
        rank = ((cast > own) | ((cast == own) & (ids < labels))).sum(axis=1)
        hits += [(rank < 1).sum(), (rank < 5).sum()]
    return 100 * hits / len(queries)


def main():
    setup = json.loads(sys.argv[1])
    began = time.perf_counter()

    bank, queries = read(setup, "bank"), read(setup, "queries")
    say(ready=time.perf_counter() - began)
    while True:
        await_command("step")
        began = time.perf_counter()
        top1, top5 = classify(*bank, *queries, setup["classes"], setup["k"], setup["temperature"])
        say(seconds=time.perf_counter() - began, top1=top1, top5=top5)


if __name__ == "__main__":
    main()
