"""Images that are formulas, and PNG files that Pillow does not write, for make_augment.py."""
import hashlib
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image


def noise(height, width, channels):
    x = np.arange(height * width * channels, dtype=np.uint32) * np.uint32(2654435761)
    x ^= x >> np.uint32(15)
    x *= np.uint32(2246822519)
    x ^= x >> np.uint32(13)
    return (x >> np.uint32(24)).astype(np.uint8).reshape(height, width, channels)


def ramp(height, width, channels):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    t = (x * 4 + y * 3 + c * 60) % 510
    return np.minimum(t, 510 - t).astype(np.uint8)


def colours(height, width, channels):
    """Every RGB colour where height * width = 2^24."""
    i = np.arange(height * width, dtype=np.uint32)
    return np.stack([i >> 16, i >> 8, i], -1).astype(np.uint8).reshape(height, width, channels)


def photo(height, width, channels):
    """The pixels of images/photo.jpg."""
    return np.asarray(Image.open(pathlib.Path(__file__).parent / "images/photo.jpg"))


def to_pil(pixels):
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def sha256(image):
    return hashlib.sha256(np.ascontiguousarray(np.asarray(image)).tobytes()).hexdigest()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def interlaced_png(pixels):
    """Adam7, which Pillow reads but does not write."""
    height, width, _ = pixels.shape
    rows = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
                           (0, 1, 1, 2)):
        for row in pixels[y0::dy, x0::dx]:
            rows += b"\0" + row.tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))


def png(values, bits, transparent=None):
    """Grey, grey + alpha, RGB or RGBA of 2 to 16 bits; `transparent`: the colour that tRNS names."""
    height, width, channels = values.shape
    rows = b""
    for row in values.reshape(height, -1):
        if bits >= 8:
            rows += b"\0" + row.astype(f">u{bits // 8}").tobytes()
        else:
            digits = "".join(f"{value:0{bits}b}" for value in row)
            digits += "0" * (-len(digits) % 8)
            rows += b"\0" + bytes(int(digits[i:i + 8], 2) for i in range(0, len(digits), 8))
    header = struct.pack(">IIBBBBB", width, height, bits, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    colour = b"" if transparent is None else chunk(b"tRNS", struct.pack(f">{channels}H", *transparent))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + colour + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))
