"""Writes what Pillow makes of images and operations: augment.jsonl, decode.jsonl and the files in images/.

    python3 -m venv golden && golden/bin/pip install pillow==13.0.0 numpy==2.4.6
    golden/bin/python tests/golden/make_augment.py

With pillow==12.3.0 it writes augment_pillow12.jsonl alone: resizes of which the passes are in the order of Pillow 12
and before. The first line of each file of cases names the versions.

Semantics are torchvision 0.29.2's on PIL images (transforms/_functional_pil.py), written out here as calls of Pillow.
Expected pixels are kept as SHA-256. The input images are formulas, repeated in tests/augment/golden_test.cpp.
"""

import json
import pathlib

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from pictures import colours, interlaced_png, noise, photo, png, ramp, sha256, to_pil

VERSIONS = {"pillow": PIL.__version__, "numpy": np.__version__}
assert VERSIONS in ({"pillow": "13.0.0", "numpy": "2.4.6"}, {"pillow": "12.3.0", "numpy": "2.4.6"}), VERSIONS
FOLDER = pathlib.Path(__file__).parent
FILTERS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}


def hue(image, turn):
    if image.mode == "L":
        return image
    h, s, v = image.convert("HSV").split()
    turned = np.array(h, dtype=np.uint8) + np.int32(turn * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned), s, v)).convert(image.mode)


def centre_crop(image, size):
    width, height = image.size
    extra = [max(0, size - width), max(0, size - height)]
    if any(extra):
        border = (extra[0] // 2, extra[1] // 2, (extra[0] + 1) // 2, (extra[1] + 1) // 2)
        image = ImageOps.expand(image, border=border, fill=0)
        width, height = image.size
    top, left = int(round((height - size) / 2.0)), int(round((width - size) / 2.0))
    return image.crop((left, top, left + size, top + size))


OPS = {
    "resize": lambda im, h, w, f, *passes: im.resize((w, h), FILTERS[f]),
    "crop": lambda im, t, l, h, w: im.crop((l, t, l + w, t + h)),
    "centre_crop": centre_crop,
    "flip": lambda im: im.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "rotate90": lambda im, k: Image.fromarray(np.rot90(np.asarray(im), k)),
    "grey": lambda im: im.convert("L").convert(im.mode),
    "brightness": lambda im, f: ImageEnhance.Brightness(im).enhance(f),
    "contrast": lambda im, f: ImageEnhance.Contrast(im).enhance(f),
    "saturation": lambda im, f: ImageEnhance.Color(im).enhance(f),
    "hue": hue,
    "blur": lambda im, sigma: im.filter(ImageFilter.GaussianBlur(sigma)),
    "solarize": ImageOps.solarize,
    "posterize": ImageOps.posterize,
    "equalize": ImageOps.equalize,
    "autocontrast": ImageOps.autocontrast,
    "rotate": lambda im, degrees, interpolation: im.rotate(degrees, INTERPOLATIONS[interpolation]),
}


RESIZES = [(97, 131, 31, 40), (97, 131, 200, 301), (97, 131, 97, 40), (97, 131, 31, 131), (97, 131, 97, 131),
           (97, 131, 40, 200), (97, 131, 200, 40), (131, 97, 10, 90), (131, 97, 20, 47), (131, 97, 65, 64),
           (131, 97, 29, 46), (1, 50, 1, 13), (1, 50, 7, 80), (50, 1, 13, 1), (50, 1, 20, 3), (1, 1, 5, 4),
           (33, 21, 1, 1), (64, 64, 32, 32), (32, 32, 224, 224), (40, 30, 39, 29), (3, 300, 2, 7)]
ODD_SHAPES = [(97, 131, 3), (97, 131, 1), (1, 50, 3), (50, 1, 3), (1, 1, 3), (33, 21, 1), (2, 3, 1), (64, 64, 3)]
LONG_SHAPES = [(2, 33000, 3), (33000, 1, 1)]  # too long for the fixed point that Pillow rotates in


def resize_cases(*passes):
    for h, w, out_h, out_w in RESIZES:
        for filter_name in FILTERS:
            for kind, channels in (("noise", 3), ("ramp", 1)):
                yield kind, (h, w, channels), [("resize", out_h, out_w, filter_name, *passes)]


def tone_and_blur_cases():
    for kind in ("noise", "ramp"):
        for shape in ODD_SHAPES:
            for sigma in (0.0, 0.1, 0.41, 1.0, 1.37, 2.0, 6.5, 30.0):
                yield kind, shape, [("blur", sigma)]
            for threshold in (0, 1, 128, 200, 256):
                yield kind, shape, [("solarize", threshold)]
            for bits in (1, 4, 7, 8):
                yield kind, shape, [("posterize", bits)]
            yield kind, shape, [("equalize",)]
            yield kind, shape, [("autocontrast",)]
            yield kind, shape, [("brightness", 0.4), ("autocontrast",)]


def rotate_cases():
    for shape in ODD_SHAPES:
        for interpolation in INTERPOLATIONS:
            for degrees in (0, 30, 90, 180, 270, -12.5, 45, 133.7, 359.99, 1234.5):
                yield "noise", shape, [("rotate", degrees, interpolation)]
    for shape in LONG_SHAPES:
        yield "noise", shape, [("rotate", 0.5, "nearest")]


# Draws of the pipelines that the papers train with, written out.
VIEWS = [
    "crop(20,31,280,311)|resize(224,224,bicubic)|flip()|brightness(1.31)|contrast(0.72)|saturation(1.17)|hue(0.063)|blur(1.42)",
    "crop(101,7,143,188)|resize(224,224,bicubic)|hue(-0.1)|saturation(0.81)|contrast(1.4)|brightness(0.6)|solarize(128)",
    "crop(0,0,375,500)|resize(224,224,bicubic)|flip()|contrast(1.05)|brightness(0.93)|hue(0.021)|saturation(0.9)|grey()|blur(0.1)",
    "crop(300,411,75,89)|resize(224,224,bicubic)|saturation(1.2)|hue(0.0)|brightness(1.4)|contrast(0.6)|blur(2.0)|solarize(128)",
    "crop(50,60,123,97)|resize(96,96,bicubic)|flip()|brightness(0.2)|saturation(1.8)|blur(0.77)",
    "crop(3,200,371,299)|resize(224,224,bilinear)|equalize()|posterize(4)|autocontrast()",
    "crop(1,1,373,499)|resize(224,224,bicubic)|grey()|contrast(1.7)|flip()|solarize(64)",
    "crop(64,80,32,32)|resize(32,32,bicubic)|flip()|brightness(1.2)|contrast(0.9)|saturation(1.1)|hue(0.04)|grey()",
]


def chain_cases():
    for view in VIEWS:
        ops = [op.rstrip(")").split("(") for op in view.split("|")]
        yield "photo", (375, 500, 3), [(name, *(literal(a) for a in arguments.split(",") if a))
                                       for name, arguments in ops]


def literal(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def augment_cases():
    yield from resize_cases()
    shape = (97, 131, 3)
    for kind in ("noise", "ramp"):
        for name in ("brightness", "contrast", "saturation"):
            for factor in (0.0, 0.3, 0.8, 1.0, 1.27, 1.8, 5.5):
                yield kind, shape, [(name, factor)]
                yield kind, (97, 131, 1), [(name, factor)]
        for turn in (-0.5, -0.1, 0.0, 0.003, 0.1, 0.2, 0.5):
            yield kind, shape, [("hue", turn)]
        yield kind, (97, 131, 1), [("hue", 0.1)]
        yield kind, shape, [("grey",)]
        yield kind, shape, [("flip",)]
        for turns in range(4):
            yield kind, shape, [("rotate90", turns)]
    for box in ((3, 5, 40, 41), (0, 0, 97, 131), (-4, -4, 32, 32), (90, 120, 32, 32), (-9, -9, 120, 150)):
        yield "noise", shape, [("crop", *box)]
    for size in (1, 32, 96, 97, 110, 131, 140, 151):
        yield "noise", shape, [("centre_crop", size)]
        yield "noise", (96, 130, 1), [("centre_crop", size)]
    yield "noise", shape, [("crop", 3, 5, 61, 80), ("resize", 32, 32, "bicubic"), ("flip",), ("brightness", 1.3),
                           ("saturation", 0.7), ("hue", -0.08), ("contrast", 1.2), ("grey",)]
    yield "colours", (4096, 4096, 3), [("hue", 0.137)]
    yield from tone_and_blur_cases()
    yield from rotate_cases()
    yield from chain_cases()


def write_cases(path, cases):
    with open(FOLDER / path, "w") as file:
        file.write(json.dumps(VERSIONS) + "\n")
        for kind, shape, ops in cases:
            image = to_pil(globals()[kind](*shape))
            for name, *arguments in ops:
                image = OPS[name](image, *arguments)
            text = " | ".join(f"{name}({', '.join(map(str, arguments))})" for name, *arguments in ops)
            case = {"image": kind, "shape": shape, "ops": text, "size": [image.height, image.width],
                    "sha256": sha256(image)}
            file.write(json.dumps(case) + "\n")


def photo_like(height, width):
    """Smooth areas with edges, texture and every brightness, as a photograph has them."""
    y, x = np.mgrid[0:height, 0:width] / 100.0
    image = np.stack([120 + 70 * np.sin(1.3 * x + c) + 50 * np.cos(1.7 * y - 2 * c) for c in range(3)], -1)
    for i in range(24):
        cy, cx, radius = (i * 0.77) % 3.75, (i * 1.31) % 5.0, 0.15 + (i * 0.37) % 0.5
        inside = (y - cy) ** 2 + (x - cx) ** 2 < radius ** 2
        image[inside] = 0.4 * image[inside] + np.array([(i * 67) % 160, (i * 101) % 160, (i * 29) % 160])
    image += (noise(height, width, 1).astype(float) - 128) * 0.08 * (1 + np.sin(3 * x)[..., None])
    return np.clip(image, 0, 255).astype(np.uint8)


def write_images():
    folder = FOLDER / "images"
    folder.mkdir(exist_ok=True)
    to_pil(photo_like(375, 500)).save(folder / "photo.jpg", quality=60, subsampling=2)
    pixels = ramp(37, 51, 3)
    pixels[8:20, 10:30] = noise(12, 20, 3)
    image = to_pil(pixels)
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        image.save(folder / f"{name}.jpg", quality=85, subsampling=subsampling)
    image.save(folder / "progressive.jpg", progressive=True)
    image.save(folder / "restart.jpg", restart_marker_blocks=2)
    image.save(folder / "rgb.jpg", keep_rgb=True)
    image.convert("L").save(folder / "grey.jpg")
    image.convert("CMYK").save(folder / "cmyk.jpg")
    cmyk = (folder / "cmyk.jpg").read_bytes()
    transform = cmyk.index(b"Adobe") + 11  # 0 = CMYK, 2 = YCCK
    (folder / "ycck.jpg").write_bytes(cmyk[:transform] + b"\2" + cmyk[transform + 1:])
    plain = (folder / "444.jpg").read_bytes()
    (folder / "extraneous.jpg").write_bytes(plain[:-2] + 20 * b"abc" + plain[-2:])
    image.save(folder / "rgb.png")
    image.convert("L").save(folder / "grey.png")
    image.convert("1").save(folder / "grey1.png")
    image.quantize(200).save(folder / "palette.png")
    image.quantize(11).save(folder / "palette4.png", bits=4)
    image.quantize(200).save(folder / "palette_transparent.png", transparency=3)
    Image.fromarray(np.dstack([pixels, noise(37, 51, 1)])).save(folder / "rgba.png")
    Image.fromarray(np.dstack([pixels[..., 0], noise(37, 51, 1)])).save(folder / "grey_alpha.png")
    wide = pixels[..., 0].astype(np.uint16) * 257 - (pixels[..., 0] > 0).astype(np.uint16)
    Image.fromarray(wide).save(folder / "grey16.png")
    (folder / "interlaced.png").write_bytes(interlaced_png(pixels))
    write_transparent_images(folder, pixels)


# RGBA of the files whose transparent colour Pillow compares with pixels of another scale: by the PNG specification.
BY_SPECIFICATION = {}


def write_transparent_images(folder, pixels):
    alpha = noise(37, 51, 1)
    every_pair = np.stack(np.mgrid[0:256, 0:256], -1)
    Image.fromarray(every_pair.astype(np.uint8)).save(folder / "grey_alpha_all.png", optimize=True)
    wide = np.dstack([pixels, alpha]).astype(np.uint16) * 257 ^ (0x5A + noise(37, 51, 1) % 2)
    (folder / "rgba16.png").write_bytes(png(wide, 16))
    (folder / "grey_alpha16.png").write_bytes(png(wide[..., 2:], 16))
    palette = to_pil(pixels).quantize(64)
    palette.save(folder / "palette_alpha.png", transparency=bytes(range(0, 192, 3)))
    for name, bits in (("grey1", 1), ("grey2", 2), ("grey4", 4), ("grey8", 8), ("grey16", 16), ("rgb8", 8),
                       ("rgb16", 16)):
        channels = 3 if name.startswith("rgb") else 1
        values = wide[..., :channels] >> (16 - bits)
        colour = values[20, 25]
        (folder / f"{name}_transparent.png").write_bytes(png(values, bits, colour))
        shown = values >> (bits - 8) if bits > 8 else values * (255 // (2 ** bits - 1))
        seen = np.where((values == colour).all(-1, keepdims=True), 0, 255)
        if bits not in (1, 8):
            BY_SPECIFICATION[f"{name}_transparent.png"] = np.dstack([shown] * (3 // channels) + [seen]).astype(np.uint8)


def over(image, background):
    return Image.alpha_composite(Image.new("RGBA", image.size, background), image.convert("RGBA")).convert("RGB")


def write_decode():
    with open(FOLDER / "decode.jsonl", "w") as file:
        for path in sorted((FOLDER / "images").iterdir()):
            image = Image.open(path)
            grey = image.mode in ("1", "L", "LA", "I;16") or path.name == "grey_alpha16.png"
            has_alpha = image.has_transparency_data
            if path.name in BY_SPECIFICATION:
                image = Image.fromarray(BY_SPECIFICATION[path.name])
            elif image.mode == "I;16":  # Pillow clips here; the high byte is kept instead
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            cases = [({}, (over(image, "white") if has_alpha else image).convert("L" if grey else "RGB"))]
            if has_alpha:
                cases.append(({"background": [200, 30, 90]}, over(image, (200, 30, 90))))
            for options, shown in cases:
                case = {"file": path.name, "size": [shown.height, shown.width], "channels": len(shown.getbands()),
                        "sha256": sha256(shown), **options}
                file.write(json.dumps(case) + "\n")


if VERSIONS["pillow"].startswith("12."):
    write_cases("augment_pillow12.jsonl", resize_cases("pillow12"))
else:
    write_images()
    write_decode()
    write_cases("augment.jsonl", augment_cases())
