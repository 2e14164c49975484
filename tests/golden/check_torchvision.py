"""Draws views with `espalier augment --recipe` and makes the same views again with torchvision's functional
transforms on PIL images, from what the program says it drew. Pixels must be equal; then also after ToTensor and Normalize
(through `--ops`, they are checked in image/normalise_test.cpp).

    check_torchvision.py PROGRAM IMAGE... [--recipes byol,simclr] [--seeds 20]

Needs torch, torchvision and Pillow 13 from PyPI. Not run by CI.
"""
import argparse, json, pathlib, subprocess, tempfile

import numpy as np
import PIL
import torchvision
import torchvision.transforms.functional as F
from PIL import Image, ImageFilter
from torchvision.transforms import InterpolationMode

FILTERS = {"bicubic": InterpolationMode.BICUBIC, "bilinear": InterpolationMode.BILINEAR}


def apply(image, call):
    name, _, rest = call.partition("(")
    args = [a.strip() for a in rest.rstrip(")").split(",")] if rest else []
    if name == "crop":
        return F.crop(image, *map(int, args))
    if name == "resize":
        return F.resize(image, [int(args[0]), int(args[1])], FILTERS[args[2]])
    if name == "flip":
        return F.hflip(image)
    if name == "grey":
        return F.to_grayscale(image, 3)
    if name == "blur":
        return image.filter(ImageFilter.GaussianBlur(float(args[0])))
    if name == "solarize":
        return F.solarize(image, int(args[0]))
    return getattr(F, f"adjust_{name}")(image, float(args[0]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("images", nargs="+")
    parser.add_argument("--recipes", default="byol,simclr,vicreg,dino,swav,byol_cifar")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    views = different = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in options.images:
            image = Image.open(path).convert("RGB")
            for recipe in options.recipes.split(","):
                for seed in range(options.seeds):
                    out = pathlib.Path(folder) / "out.png"
                    drawn = json.loads(subprocess.run(
                        [options.program, "augment", path, "--recipe", recipe, "--seed", str(seed), "--out", out,
                         "--json", "--quiet"], check=True, capture_output=True).stdout)
                    for view in drawn:
                        expected = image
                        for call in view["ops"].split(" | "):
                            expected = apply(expected, call)
                        ours = np.asarray(Image.open(view["file"]).convert("RGB"))
                        views += 1
                        if not np.array_equal(ours, np.asarray(expected)):
                            different += 1
                            print("differs:", path, recipe, seed, view["ops"])
    print(f"{views} views, {different} differ (torchvision {torchvision.__version__}, Pillow {PIL.__version__})")
    raise SystemExit(different > 0)


main()
