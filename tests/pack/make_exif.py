"""Makes exif/: images with every EXIF orientation, of the kinds that packing tells apart, and expected.tsv with what
Pillow's exif_transpose makes of them: name, height, width, SHA-256 of the pixels. Made with Pillow 13.0.0.

    python make_exif.py    # in tests/pack
"""
import hashlib, pathlib
import numpy as np
from PIL import Image, ImageOps

out = pathlib.Path("exif")
out.mkdir(exist_ok=True)


def picture(height, width, mode):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(9 * x + 3 * y) % 256, (5 * y + x * y) % 256, (200 - 4 * x) % 256, (7 * x + y) % 256]
    pixels = np.stack(planes[: {"L": 1, "RGB": 3, "CMYK": 4}[mode]], -1).astype(np.uint8)
    return Image.fromarray(pixels if mode != "L" else pixels[..., 0], mode)


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


rows = []


def save(name, image, **options):
    image.save(out / name, **options)
    upright = ImageOps.exif_transpose(Image.open(out / name)).convert("L" if image.mode == "L" else "RGB")
    digest = hashlib.sha256(upright.tobytes()).hexdigest()
    rows.append(f"{name}\t{upright.height}\t{upright.width}\t{digest}\n")


for k in range(1, 9):
    save(f"png-{k}.png", picture(5, 3, "RGB"), exif=exif(k))
    save(f"whole-{k}.jpg", picture(16, 32, "RGB"), exif=exif(k), quality=90)  # whole blocks of 16 x 16
    save(f"odd-{k}.jpg", picture(13, 21, "RGB"), exif=exif(k), quality=90)
save("progressive.jpg", picture(40, 56, "RGB"), progressive=True, quality=90)
save("progressive-6.jpg", picture(32, 48, "RGB"), progressive=True, quality=90, exif=exif(6))
save("grey.jpg", picture(16, 16, "L"), quality=90)
save("cmyk.jpg", picture(16, 16, "CMYK"), quality=90)
(out / "expected.tsv").write_text("".join(rows))
