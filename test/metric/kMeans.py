"""Writes kMeans.json: clusterings by scikit-learn, each from given first centres.

    pip install scikit-learn==1.9.1 numpy
    python kMeans.py > kMeans.json

Points are rounded so that the JSON holds them exactly. `far` stands a thousand units off the origin; `empty` starts with centres that
no point is nearest to.
"""
import json

import numpy as np
from sklearn import __version__
from sklearn.cluster import KMeans


def case(name, points, centres, tolerance, rounds=300):
    points, centres = np.asarray(points, np.float32), np.asarray(centres, np.float32)
    made = KMeans(len(centres), init=centres, n_init=1, tol=tolerance, max_iter=rounds, algorithm="lloyd").fit(points)
    return {
        "case": name,
        "width": points.shape[1],
        "points": points.ravel().tolist(),
        "first": centres.ravel().tolist(),
        "tolerance": tolerance,
        "rounds": rounds,
        "labels": made.labels_.tolist(),
        "inertia": float(made.inertia_),
        "centres": made.cluster_centers_.ravel().tolist(),
    }


def main():
    draw = np.random.default_rng(5)
    blobs = np.round(draw.normal(size=(6, 4))[draw.integers(6, size=180)] * 2 + draw.normal(size=(180, 4)), 3)
    line = np.round(draw.uniform(size=(60, 1)), 3)
    print(
        json.dumps(
            {
                "sklearn": __version__,
                "cases": [
                    case("blobs", blobs, blobs[:6], 1e-4),
                    case("exactly", blobs, blobs[10:17], 0),
                    case("cut short", blobs, blobs[:6], 0, 2),
                    case("far", blobs + 1000, blobs[:6] + 1000, 1e-4),
                    case("empty", blobs, np.concatenate([blobs[:3], [[90, 0, 0, 0], [0, 90, 0, 0]]]), 1e-4),
                    case("one feature", line, line[:3], 1e-4),
                ],
            }
        )
    )


if __name__ == "__main__":
    main()
