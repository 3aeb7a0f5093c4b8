"""k-means by scikit-learn: all points whenever it is asked to, from features in memory to clusters.

    python kmeans.py SETUP        (bench/knnSetup.ts says what is in it)
"""

import json
import os
import sys
import time

import numpy
from sklearn.cluster import KMeans

from protocol import await_command, say


def main():
    setup = json.loads(sys.argv[1])
    began = time.perf_counter()
    points = numpy.fromfile(os.path.join(setup["folder"], "bank.f32"), numpy.float32).reshape(-1, setup["width"])
    say(ready=time.perf_counter() - began)
    seed = 0
    while True:
        await_command("step")
        began = time.perf_counter()
        seed += 1
        made = KMeans(setup["clusters"], n_init=setup["starts"], max_iter=300, tol=1e-4, random_state=seed).fit(points)
        say(seconds=time.perf_counter() - began, inertia=float(made.inertia_), rounds=int(made.n_iter_))


if __name__ == "__main__":
    main()
