"""Logistic regressions in scikit-learn, one for each penalty, whenever it is asked to.

    python logistic.py SETUP        (bench/linearSetup.ts says what is in it)
"""

import json
import sys
import time
import warnings

import numpy
from sklearn.linear_model import LogisticRegression

from bank import read
from protocol import await_command, say


def value(model, features, labels, strength):
    """The function that is minimised, divided by C and the number of rows."""
    losses = -model.predict_log_proba(features)[numpy.arange(len(labels)), labels].astype(numpy.float64)
    return float(losses.mean() + (model.coef_.astype(numpy.float64) ** 2).sum() / (2 * strength * len(labels)))


def main():
    setup = json.loads(sys.argv[1])
    began = time.perf_counter()
    # What stops at the limit of steps is compared by its loss, like all else.
    warnings.simplefilter("ignore")
    features, labels = read(setup, "bank")
    say(ready=time.perf_counter() - began)
    while True:
        await_command("step")
        began = time.perf_counter()
        models = [
            LogisticRegression(C=strength, tol=setup["tolerance"], max_iter=setup["iterations"]).fit(features, labels)
            for strength in setup["strengths"]
        ]
        seconds = time.perf_counter() - began
        found = zip(setup["strengths"], models)
        values = {f"value {strength:g}": value(model, features, labels, strength) for strength, model in found}
        counts = {f"iterations {C:g}": int(model.n_iter_[0]) for C, model in zip(setup["strengths"], models)}
        say(seconds=seconds, **values, **counts)


if __name__ == "__main__":
    main()
