"""Writes logisticRegression.json: what scikit-learn's LogisticRegression makes of a few features. Run: python logisticRegression.py"""

import json
import os

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

CLASSES, WIDTH = 5, 7


def rows(draw, count, centres, scales, shift):
    labels = numpy.arange(count) % CLASSES
    values = (centres[labels] + draw.normal(size=(count, WIDTH))) * scales + shift
    return numpy.round(values, 4), labels


def value(model, features, labels, strength):
    """The function that is minimised, divided by C and the number of rows."""
    losses = -model.predict_log_proba(features)[numpy.arange(len(labels)), labels]
    return losses.mean() + (model.coef_**2).sum() / (2 * strength * len(labels))


def case(name, shift, scales, standardize):
    draw = numpy.random.default_rng(5)
    centres = draw.normal(size=(CLASSES, WIDTH))
    train, labels = rows(draw, 90, centres, scales, shift)
    test, test_labels = rows(draw, 40, centres, scales, shift)
    scaler = StandardScaler(with_mean=standardize, with_std=standardize).fit(train)
    fits = []
    for strength in [1e-4, 1e-2, 1.0, 100.0]:
        model = LogisticRegression(C=strength, tol=1e-10, max_iter=100_000).fit(scaler.transform(train), labels)
        fits.append(
            {
                "C": strength,
                "value": value(model, scaler.transform(train), labels, strength),
                "accuracy": model.score(scaler.transform(test), test_labels),
                "probabilities": numpy.round(model.predict_proba(scaler.transform(test)), 6).tolist(),
            }
        )
    return {
        "name": name,
        "standardize": standardize,
        "train": {"values": train.tolist(), "labels": labels.tolist()},
        "test": {"values": test.tolist(), "labels": test_labels.tolist()},
        "fits": fits,
    }


scales = numpy.array([1, 0.3, 3, 1, 1, 0.1, 2])
result = {
    "sklearn": sklearn.__version__,
    "cases": [
        case("features around 0", 0, 1, False),
        case("features far from 0, of several scales", 4, scales, False),
        case("the same, standardised", 4, scales, True),
    ],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "logisticRegression.json"), "w", encoding="ascii") as file:
    json.dump(result, file)
    file.write("\n")
