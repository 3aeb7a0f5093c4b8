"""Writes parquetRows.json: pictures of which some rows have bytes, some a path, some both or neither, as the `datasets` library of Hugging Face keeps
them; in base64.

    pip install pyarrow pillow
    python parquetRows.py > parquetRows.json
"""

import base64
import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def png(shade):
    file = io.BytesIO()
    Image.new("RGB", (2, 1), (shade,) * 3).save(file, "PNG")
    return file.getvalue()


ROWS = [
    {"bytes": png(16), "path": "dark.png"},
    {"bytes": None, "path": "sub/light.png"},
    {"bytes": png(240), "path": None},
    {"bytes": None, "path": None},
    None,
    {"bytes": b"", "path": "dark.png"},
    {"bytes": None, "path": "dark.png"},
]
kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def written(**options):
    file = io.BytesIO()
    pq.write_table(pa.table({"image": pa.array(ROWS, kind)}), file, **options)
    return base64.b64encode(file.getvalue()).decode()


json.dump({"one group": written(), "groups of 2": written(row_group_size=2), "without statistics": written(write_statistics=False)}, sys.stdout, indent=0)
