"""Writes pickles.json: the same value pickled by Python in every protocol. Run it in this folder to write it again."""

import argparse
import base64
import collections
import json
import pickle

shared = [1, 2]
value = {
    "nothing": None,
    "flags": [True, False],
    "numbers": [0, 255, 65535, -1, 2**31 - 1, -(2**31), 2**53 - 1, 2**53, 2**70, -(2**70), 0.1, -1e300, float("inf"), -float("inf")],
    "texts": ["", "a\\'\"\n", "ä€𝄞", "x" * 300],
    "bytes": b"\x00\x7f\xff",
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "shared": [shared, shared],
    "keys": {0: "zero", "0": "text", (1, 2): "pair"},
    "set": {7},
    "ordered": collections.OrderedDict(a=1, b=[2]),
    "namespace": argparse.Namespace(arch="vit_small", scale=(0.14, 1.0)),
}
pickles = [base64.b64encode(pickle.dumps(value, protocol)).decode() for protocol in range(6)]
with open("pickles.json", "w") as file:
    json.dump(pickles, file, indent=0)
