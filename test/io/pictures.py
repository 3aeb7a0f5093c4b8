"""Writes pictures.json: small pictures in the modes and depths that Pillow reads, with what it makes of them.

    pip install pillow==13.0.0 numpy
    python pictures.py > pictures.json

The files are put together here, byte by byte, as few programs write all of these modes. `read` holds convert('RGB') and
convert('L'), `turned` the same of ImageOps.exif_transpose, `refused` files that aren't to be read: most of them Pillow refuses
too, of the others it is wrong or converts by a colour profile.
"""
import base64
import io
import json
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

R = np.random.default_rng(7)
FILES, TURNED, REFUSED = {}, {}, {}
H, W = 3, 5


def pack(values, bits, order=">", signed=False, floats=False):
    """Values of one row as bytes, the first in the highest bits."""
    values = np.asarray(values).ravel()
    if floats:
        return values.astype(order + "f4").tobytes()
    if bits in (8, 16, 32):
        return values.astype(f"{order}{'i' if signed else 'u'}{bits // 8}").tobytes()
    text = "".join(format(int(v), f"0{bits}b") for v in values)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(color, bits, pixels, interlaced=False, before=(), after=()):
    height, width = pixels.shape[:2]
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    parts = [pixels[y::dy, x::dx] for x, y, dx, dy in passes]
    data = b"".join(b"\0" + pack(row, bits) for part in parts if part.size for row in part)
    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)
    body = [chunk(b"IHDR", head), *before, chunk(b"IDAT", zlib.compress(data)), *after, chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def pngs():
    names = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGB with alpha"}
    for color, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for bits in depths:
            for interlaced in (False, True):
                channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
                pixels = R.integers(0, 2**bits, (H, W, channels))
                if bits == 16:
                    pixels[0] %= 256
                palette = [chunk(b"PLTE", R.integers(0, 256, 3 * 2**bits, dtype="u1").tobytes())] if color == 3 else []
                name = f"PNG, {names[color]} of {bits} bits{', interlaced' if interlaced else ''}"
                FILES[name] = png(color, bits, pixels, interlaced, palette)
                if color in (0, 2):
                    transparent = struct.pack(f">{channels}H", *map(int, pixels[0, 0]))
                elif color == 3:
                    transparent = R.integers(0, 256, min(2**bits, 5), dtype="u1").tobytes()
                else:
                    continue
                FILES[name + ", transparent"] = png(color, bits, pixels, interlaced, [*palette, chunk(b"tRNS", transparent)])
    few = [chunk(b"PLTE", bytes(range(10, 16)))]
    FILES["PNG, fewer colours than indices"] = png(3, 4, R.integers(0, 16, (H, W, 1)), before=few)


REVERSED = bytes(int(f"{i:08b}"[::-1], 2) for i in range(256))


def lzw(data):
    """Codes of 9 bits only: a code to clear often enough."""
    codes = []
    for i, byte in enumerate(data):
        codes += ([256] if i % 200 == 0 else []) + [byte]
    return pack([*codes, 257], 9)


def packbits(data):
    return b"".join(bytes([len(data[i : i + 100]) - 1]) + data[i : i + 100] for i in range(0, len(data), 100))


PACK = {1: bytes, 5: lzw, 8: zlib.compress, 32773: packbits}


def tiff_file(tags, blocks, tiled, order, big=False):
    start = 16 if big else 8
    body, offsets = b"", []
    for block in blocks:
        offsets.append(start + len(body))
        body += block + b"\0" * (len(block) % 2)
    tags = {**tags, (324 if tiled else 273): (4, offsets), (325 if tiled else 279): (4, [len(b) for b in blocks])}
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        letter = {1: "B", 3: "H", 4: "I", 5: "I"}[kind]
        raw = values if isinstance(values, bytes) else struct.pack(f"{order}{len(values)}{letter}", *values)
        count = len(values) // (2 if kind == 5 else 1)
        if len(raw) > (8 if big else 4):
            place = start + len(body)
            body += raw + b"\0" * (len(raw) % 2)
            raw = struct.pack(order + ("Q" if big else "I"), place)
        entries += struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, count) + raw.ljust(8 if big else 4, b"\0")
    place, mark = start + len(body), b"II" if order == "<" else b"MM"
    head = struct.pack(order + "HHHQ", 43, 8, 0, place) if big else struct.pack(order + "HI", 42, place)
    return mark + head + body + struct.pack(order + ("Q" if big else "H"), len(tags)) + entries + bytes(8 if big else 4)


def differences(row, bits, floats):
    """Predictor 2; or 3, whose bytes lie in planes."""
    if not floats:
        row = row.astype(np.int64)
        return np.concatenate([row[:1], np.diff(row, axis=0)]) % 2**bits
    planes = np.frombuffer(row.astype(">f4").tobytes(), "u1").reshape(-1, 4).T.ravel().astype(int)
    return np.concatenate([planes[: row.shape[1]], planes[row.shape[1] :] - planes[: -row.shape[1]]]) % 256


def tiff(pixels, photometric, bits, form=1, extra=(), order="<", separate=False, compression=1, predictor=1, tile=None, rows=2, fill=1, big=False, more=None):
    height, width, samples = pixels.shape
    tags = {256: (3, [width]), 257: (3, [height]), 258: (3, [bits] * samples), 259: (3, [compression]), 262: (3, [photometric]), 277: (3, [samples]), 284: (3, [2 if separate else 1])}
    tags.update({339: (3, [form] * samples)} if form != 1 else {})
    tags.update({338: (3, list(extra))} if extra else {})
    tags.update({317: (3, [predictor])} if predictor != 1 else {})
    tags.update({266: (3, [fill])} if fill != 1 else {})
    tags.update({322: (3, [tile]), 323: (3, [tile])} if tile else {278: (3, [rows])})
    tags.update(more or {})
    planes = [pixels[:, :, i : i + 1] for i in range(samples)] if separate else [pixels]
    blocks = []
    for plane in planes:
        steps = [(y, x) for y in range(0, height, tile or rows) for x in range(0, width, tile or width)]
        for y, x in steps:
            block = plane[y : y + (tile or rows), x : x + (tile or width)]
            if tile:
                block = np.pad(block, ((0, tile - block.shape[0]), (0, tile - block.shape[1]), (0, 0)))
            if predictor == 1:
                raw = b"".join(pack(row, bits, order, form == 2, form == 3) for row in block)
            else:
                raw = b"".join(pack(differences(row, bits, form == 3), 8 if form == 3 else bits, order) for row in block)
            packed = PACK[compression](raw)
            blocks.append(packed.translate(REVERSED) if fill == 2 else packed)
    return tiff_file(tags, blocks, bool(tile), order, big)


def tiffs():
    def draw(bits, samples, form):
        if form == 3:
            return R.random((H, W, samples)) * 400 - 60
        values = R.integers(-100 if form == 2 else 0, 2 ** min(bits - 1 if form == 2 else bits, 31), (H, W, samples))
        if bits > 8 and samples == 1:
            values[0] %= 256
        return values

    names = {0: "white is 0", 1: "grey", 2: "RGB", 3: "palette", 5: "CMYK", 6: "YCbCr", 8: "L*a*b*"}
    modes = [(p, b, 1, 1, ()) for p in (0, 1) for b in (1, 2, 4, 8, 16)] + [(0, 32, 3, 1, ()), (1, 32, 3, 1, ()), (1, 12, 1, 1, ()), (1, 32, 1, 1, ())]
    modes += [(1, b, 2, 1, ()) for b in (8, 16, 32)] + [(1, 8, 1, 2, (e,)) for e in (0, 1, 2)]
    modes += [(2, b, 1, 4 if e else n, e) for b in (8, 16) for n, e in ((3, ()), (4, ()), (3, (0,)), (3, (1,)), (3, (2,)))]
    modes += [(2, 8, 1, 5, (0, 0)), (2, 8, 1, 6, (2, 0, 0)), (5, 8, 1, 4, ()), (5, 16, 1, 4, ()), (5, 8, 1, 5, (0,))]
    modes += [(3, b, 1, 1, ()) for b in (1, 2, 4, 8)] + [(3, 8, 1, 2, (2,)), (6, 8, 1, 1, ()), (6, 8, 1, 3, ())]
    modes += [(8, 8, 1, 3, ()), (2, 32, 3, 3, ()), (0, 12, 1, 1, ()), (2, 4, 1, 3, ())]
    for photometric, bits, form, samples, extra in modes:
        more = {320: (3, R.integers(0, 65536, 3 * 2**bits).tolist())} if photometric == 3 else {530: (3, [1, 1])} if photometric == 6 else {}
        pixels = draw(bits, samples, form)
        kind = f"TIFF, {names[photometric]} of {samples} × {bits} {['', 'unsigned', 'signed', 'float'][form]} bits{f', extra {extra}' if extra else ''}"
        variants = {"": {}, ", big-endian": {"order": ">"}, ", LZW": {"compression": 5}, ", tiles": {"tile": 16}}
        if samples > 1:
            variants[", apart and deflated"] = {"separate": True, "compression": 8}
        if bits in (8, 16, 32) and form != 3:
            variants[", differences"] = {"compression": 8, "predictor": 2}
        if form == 3:
            variants[", float differences"] = {"compression": 8, "predictor": 3}
        if bits <= 8:
            variants[", reversed bits"] = {"fill": 2, "compression": 32773}
        for name, options in variants.items():
            FILES[kind + name] = tiff(pixels, photometric, bits, form, extra, more=more, **options)
        if form in (2, 3) and bits > 8:
            REFUSED[f"{kind}, big-endian and compressed"] = tiff(pixels, photometric, bits, form, extra, ">", compression=8)
        if bits == 16 and samples > 1:
            REFUSED[f"{kind}, apart"] = tiff(pixels, photometric, bits, form, extra, separate=True)
    FILES["BigTIFF"] = tiff(draw(8, 3, 1), 2, 8, big=True)
    FILES["TIFF, YCbCr with a range of its own"] = tiff(draw(8, 3, 1), 6, 8, compression=5, more={530: (3, [1, 1]), 532: (5, [16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1])})
    halves = tiff_file({256: (3, [4]), 257: (3, [4]), 258: (3, [8] * 3), 259: (3, [8]), 262: (3, [6]), 277: (3, [3]), 278: (3, [4]), 530: (3, [2, 2])}, [zlib.compress(R.integers(0, 256, 24, dtype="u1").tobytes())], False, "<")
    FILES["TIFF, YCbCr with fewer Cb and Cr"] = halves
    for compression in ("jpeg", "group4", "lzma"):
        file = io.BytesIO()
        Image.fromarray(draw(8, 3, 1).astype("u1")).convert("1" if compression == "group4" else "RGB").save(file, "TIFF", compression=compression)
        (REFUSED if compression == "lzma" else FILES)[f"TIFF, {compression}"] = file.getvalue()
    for orientation in range(1, 9):
        TURNED[f"TIFF of orientation {orientation}"] = tiff(draw(8, 3, 1), 2, 8, more={274: (3, [orientation])})
        TURNED[f"TIFF of orientation {orientation} by XMP"] = tiff(draw(8, 3, 1), 2, 8, more={700: (1, b'<x tiff:Orientation="%d"/>' % orientation)})


def bmp(width, height, bits, rows, palette=b"", compression=0, masks=b"", header=40, top_down=False, colors=0):
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression, len(rows), 0, 0, colors, 0)
        head += masks.ljust(header - 40, b"\0")
    place = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", place + len(rows), 0, 0, place) + head + palette + rows


def bmps():
    def padded(row):
        return row + b"\0" * (-len(row) % 4)

    for bits in (1, 4, 8, 16, 24, 32):
        rows = b"".join(padded(R.integers(0, 256, (W * bits + 7) // 8, dtype="u1").tobytes()) for _ in range(H))
        palette = R.integers(0, 256, 4 * 2**bits, dtype="u1").tobytes() if bits <= 8 else b""
        FILES[f"BMP of {bits} bits"] = bmp(W, H, bits, rows, palette)
        FILES[f"BMP of {bits} bits from the top"] = bmp(W, H, bits, rows, palette, top_down=True)
        if bits in (8, 24):
            FILES[f"BMP of {bits} bits by OS/2"] = bmp(W, H, bits, rows, palette[: 3 * 2**bits], header=12)
        layouts = {16: ["F800 7E0 1F 0", "7C00 3E0 1F 0"], 24: ["FF0000 FF00 FF 0"], 32: ["FF0000 FF00 FF 0", "FF000000 FF0000 FF00 0", "FF000000 FF00 FF 0", "FF000000 FF0000 FF00 FF", "FF FF00 FF0000 FF000000", "FF0000 FF00 FF FF000000", "FF000000 FF00 FF FF0000", "0 0 0 0"]}
        for layout in layouts.get(bits, []):
            masks = struct.pack("<4I", *(int(mask, 16) for mask in layout.split()))
            FILES[f"BMP of {bits} bits with the masks {layout}"] = bmp(W, H, bits, rows, compression=3, masks=masks, header=108)
    few = R.integers(0, 256, 40, dtype="u1").tobytes()
    FILES["BMP with fewer colours than indices"] = bmp(4, 2, 8, bytes([0, 9, 10, 255, 3, 4, 5, 6]), few, colors=10)
    masks = struct.pack("<3I", 0xF800, 0x7E0, 0x1F)
    FILES["BMP with its masks behind the header"] = bmp(2, 1, 16, bytes([1, 250, 77, 8]), masks, compression=3)
    palette = R.integers(0, 256, 1024, dtype="u1").tobytes()
    FILES["BMP, RLE8"] = bmp(5, 4, 8, bytes([3, 5, 2, 9, 0, 0, 0, 3, 1, 2, 3, 0, 2, 7, 0, 0, 5, 250, 0, 0, 0, 4, 9, 8, 7, 6, 1, 1, 0, 1]), palette, 1)
    FILES["BMP, RLE8 with steps"] = bmp(5, 4, 8, bytes([3, 5, 0, 2, 1, 1, 2, 9, 0, 0, 0, 2, 2, 0, 3, 3, 0, 0, 5, 5, 0, 1]), palette, 1)
    FILES["BMP, RLE8 beyond its rows"] = bmp(5, 4, 8, bytes([9, 5, 0, 0, 5, 1, 0, 0, 5, 2, 0, 0, 5, 3, 0, 1]), palette, 1, top_down=True)
    FILES["BMP, RLE4"] = bmp(5, 4, 4, bytes([5, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 3, 0x77, 2, 0x89, 0, 0, 5, 0xAB, 0, 1]), palette[:64], 2)
    REFUSED["BMP, JPEG in it"] = bmp(5, 4, 24, bytes(64), compression=4)
    REFUSED["BMP with other masks"] = bmp(2, 1, 16, bytes(4), compression=3, masks=struct.pack("<4I", 0xF000, 0xF00, 0xF0, 0), header=108)
    REFUSED["BMP, cut off"] = bmp(5, 4, 24, bytes(50))
    REFUSED["BMP, runs that end too early"] = bmp(5, 4, 8, bytes([3, 5, 0, 1]), palette, 1)


def pnms():
    for most in (1, 100, 255, 256, 4095, 65535):
        grey, color = R.integers(0, most + 1, (H, W)), R.integers(0, most + 1, (H, W, 3))
        grey[0] %= 256
        form = ">u2" if most > 255 else "u1"
        FILES[f"PGM up to {most}"] = b"P5\n%d %d\n%d\n" % (W, H, most) + grey.astype(form).tobytes()
        FILES[f"PPM up to {most}"] = b"P6 %d %d %d " % (W, H, most) + color.astype(form).tobytes()
        FILES[f"PGM as text up to {most}"] = b"P2\n# grey\n%d %d # size\n%d\n" % (W, H, most) + " ".join(map(str, grey.ravel())).encode()
        FILES[f"PPM as text up to {most}"] = b"P3\n%d %d\n%d\n" % (W, H, most) + "\n".join(map(str, color.ravel())).encode()
    FILES["PGM with values above the highest"] = b"P5 2 2 100 " + bytes([0, 100, 120, 255])
    bits = R.integers(0, 2, (H, W))
    FILES["PBM"] = b"P4\n%d %d\n" % (W, H) + b"".join(pack(row, 1) for row in bits)
    FILES["PBM as text"] = b"P1\n%d %d\n# bits\n" % (W, H) + "".join(map(str, bits.ravel())).encode()
    floats = R.random((H, W)) * 400 - 50
    FILES["PFM"] = b"Pf\n%d %d\n-1.0\n" % (W, H) + floats.astype("<f4").tobytes()
    FILES["PFM, big-endian"] = b"Pf\n%d %d\n1.0\n" % (W, H) + floats.astype(">f4").tobytes()
    FILES["PPM of CMYK"] = b"P0CMYK 2 2 255 " + bytes(range(0, 256, 16))
    REFUSED["PPM, cut off"] = b"P6 7 5 255 " + bytes(50)
    REFUSED["PPM as text, cut off"] = b"P3 2 1 255 1 2 3 4"
    REFUSED["PGM with a value above the highest"] = b"P2 2 1 255 300 1"
    REFUSED["PGM with a word"] = b"P2 2 1 255 a 1"
    REFUSED["PPM without pixels"] = b"P6 0 5 255 "


def gif(width, height, pixels, palette=b"", own=b"", left=0, top=0, control=b"", interlaced=False, background=0):
    def flags(colors):
        return 0x80 | ((len(colors) // 3 - 1).bit_length() - 1) if colors else 0

    rows = [*range(0, 99, 8), *range(4, 99, 8), *range(2, 99, 4), *range(1, 99, 2)] if interlaced else range(99)
    values = [v for row in rows if row < len(pixels) for v in pixels[row]]
    codes = [c for i, v in enumerate(values) for c in ([8] if i % 5 == 0 else []) + [int(v)]] + [9]
    bits = "".join(reversed([format(code, "04b") for code in codes]))
    data = int(bits, 2).to_bytes((len(bits) + 7) // 8, "little")
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, flags(palette), background, 0) + palette
    frame = struct.pack("<HHHHB", left, top, len(pixels[0]), len(pixels), flags(own) | (0x40 if interlaced else 0)) + own
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return head + (b"\x21\xf9\x04" + control + b"\0" if control else b"") + b"," + frame + b"\x03" + blocks + b"\0;"


def gifs():
    palette, other = (R.integers(0, 256, 24, dtype="u1").tobytes() for _ in range(2))
    greys = bytes(v for i in range(8) for v in (i, i, i))
    whole, small = R.integers(0, 8, (H, W)), R.integers(0, 8, (2, 2))
    transparent = bytes([1, 0, 0, 6])
    FILES["GIF"] = gif(W, H, whole, palette)
    FILES["GIF, interlaced"] = gif(W, 11, R.integers(0, 8, (11, W)), palette, interlaced=True)
    FILES["GIF with a transparent colour"] = gif(W, H, whole, palette, control=transparent)
    FILES["GIF of a small frame"] = gif(W, H, small, palette, left=2, top=1, background=5)
    FILES["GIF of a small frame with a transparent colour"] = gif(W, H, small, palette, left=2, top=1, control=transparent, background=5)
    FILES["GIF of a frame beyond its screen"] = gif(3, 2, whole, palette, left=1, top=1)
    FILES["GIF with a palette of its frame"] = gif(W, H, whole, palette, other)
    FILES["GIF without a common palette"] = gif(W, H, whole, b"", other)
    FILES["GIF without a palette"] = gif(W, H, whole)
    FILES["GIF with fewer colours than indices"] = gif(W, H, whole, palette[:12])
    FILES["GIF of greys"] = gif(W, H, small, greys, control=transparent)
    y, x = np.mgrid[:40, :50]
    for colors in (2, 256):
        file = io.BytesIO()
        Image.fromarray(np.stack([(x * y // 7) % 256, x * 5, y * 6], -1).astype("u1")).quantize(colors).save(file, "GIF")
        FILES[f"GIF of {colors} colours by Pillow"] = file.getvalue()
    REFUSED["GIF, greys beside a palette"] = gif(W, H, whole, palette, greys)
    REFUSED["GIF without a frame"] = gif(W, H, whole, palette)[: 13 + 24] + b";"


def photographs():
    y, x = np.mgrid[:11, :13]
    image = Image.fromarray(np.stack([(x * 15) % 256, (y * 21) % 256, (x * y) % 256], -1).astype("u1"))
    for mode in ("L", "RGB", "CMYK"):
        for progressive in (False, True):
            file = io.BytesIO()
            image.convert(mode).save(file, "JPEG", progressive=progressive)
            data = file.getvalue()
            name = f"JPEG of {mode}{', progressive' if progressive else ''}"
            FILES[name] = data
            if mode == "CMYK" and not progressive:
                at = data.find(b"\xff\xee")
                FILES[f"{name} without Adobe's mark"] = data[:at] + data[at + 16 :]
                FILES["JPEG of YCCK"] = data[: at + 15] + b"\2" + data[at + 16 :]
            if mode == "RGB" and not progressive:
                plain = data[:2] + data[20:]
                for transform in (0, 1):
                    FILES[f"JPEG with Adobe's transform {transform}"] = plain[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes([transform]) + plain[2:]
                frame = data.find(b"\xff\xc0")
                REFUSED["JPEG of 12 bits"] = data[: frame + 4] + b"\x0c" + data[frame + 5 :]
                REFUSED["JPEG of 2 components"] = data[: frame + 9] + b"\2" + data[frame + 10 :]
                REFUSED["JPEG, cut off"] = data[: len(data) - 40]
                REFUSED["JPEG, damaged"] = data[:frame] + b"\xff\xc0\0\x11\x08\0\x0b\0\x0d\3\1\x77\0\2\x99\1\3\x11\1" + data[frame + 19 :]
    alpha = Image.fromarray(np.dstack([np.asarray(image), (x * y * 3 % 256).astype("u1")]))
    for lossless in (False, True):
        for name, one in (("RGB", image), ("RGB with alpha", alpha)):
            file = io.BytesIO()
            one.save(file, "WEBP", lossless=lossless, exact=True)
            FILES[f"WebP of {name}{', lossless' if lossless else ''}"] = file.getvalue()
    file = io.BytesIO()
    alpha.save(file, "WEBP", save_all=True, append_images=[alpha.rotate(180)], duration=50, background=(9, 99, 200, 255))
    FILES["WebP, animated"] = file.getvalue()


def notes():
    pixels = R.integers(0, 256, (2, 3, 3))
    image = Image.fromarray(pixels.astype("u1"))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        exif = exif.tobytes()
        xmp = b'<rdf:Description tiff:Orientation="%d"/>' % orientation
        element = b"<tiff:Orientation>%d</tiff:Orientation>" % orientation
        raw = b"\nexif\n%8d\n" % len(exif) + exif.hex().encode() + b"\n"
        itxt = b"XML:com.adobe.xmp\0\0\0\0\0"
        for form, name, options in (("JPEG", "EXIF", {"exif": exif}), ("JPEG", "XMP", {"xmp": element}), ("WEBP", "EXIF", {"exif": exif, "lossless": True}), ("WEBP", "XMP", {"xmp": xmp, "lossless": True})):
            file = io.BytesIO()
            image.save(file, form, **options)
            TURNED[f"{form} of orientation {orientation} by {name}"] = file.getvalue()
        for name, before, after in (
            ("EXIF", [chunk(b"eXIf", exif[6:])], []),
            ("XMP", [chunk(b"iTXt", itxt + xmp)], []),
            ("XMP behind the pixels", [], [chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(element))]),
            ("a text", [chunk(b"tEXt", b"Raw profile type exif\0" + raw)], []),
            ("a packed text", [chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))], []),
            ("EXIF, by XMP another", [chunk(b"eXIf", exif[6:]), chunk(b"iTXt", itxt + b'tiff:Orientation="3"')], []),
        ):
            TURNED[f"PNG of orientation {orientation} by {name}"] = png(2, 8, pixels, before=before, after=after)
        for order, head in (("<", b"II*\0"), (">", b"MM\0*")):
            for kind, value in (("short", struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0)), ("long", struct.pack(order + "HHII", 274, 4, 1, orientation)), ("byte", struct.pack(order + "HHI", 274, 1, 1) + bytes([orientation, 0, 0, 0]))):
                data = head + struct.pack(order + "IH", 8, 1) + value + bytes(4)
                TURNED[f"PNG of orientation {orientation}, a {kind} {head[:2].decode()}"] = png(2, 8, pixels, before=[chunk(b"eXIf", data)])


def text(data):
    return base64.b64encode(data).decode()


def made(data, turn=False):
    def convert(mode):
        image = Image.open(io.BytesIO(data))
        return (ImageOps.exif_transpose(image) if turn else image).convert(mode)

    rgb, grey = convert("RGB"), convert("L")
    return {"file": text(data), "width": rgb.width, "height": rgb.height, "rgb": text(rgb.tobytes()), "grey": text(grey.tobytes())}


for write in (pngs, tiffs, bmps, pnms, gifs, photographs, notes):
    write()
read, reasons = {}, set()
for name, data in FILES.items():
    try:
        if "L*a*b*" in name:
            raise ValueError("converted by a profile")
        read[name] = made(data)
    except Exception as error:
        # One file a mode; what libtiff calls damaged is a mode that Pillow knows.
        mode = name.split(" bits")[0]
        if "decoder error" not in str(error) and mode not in reasons:
            reasons.add(mode)
            REFUSED[name] = data
turned = {name: made(data, True) for name, data in TURNED.items()}
refused = {name: text(data) for name, data in REFUSED.items()}
json.dump({"read": read, "turned": turned, "refused": refused}, sys.stdout, indent=0, sort_keys=True)
