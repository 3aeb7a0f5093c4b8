"""Features that another process has laid down: rows, and their labels."""

import os

import numpy


def read(setup, name):
    features = numpy.fromfile(os.path.join(setup["folder"], f"{name}.f32"), numpy.float32)
    labels = numpy.fromfile(os.path.join(setup["folder"], f"{name}.u32"), numpy.uint32)
    return features.reshape(-1, setup["width"]), labels.astype(numpy.int64)
