"""Views by lightly's own transforms of the method, on Pillow images.

    augment_lightly.py CASE FOLDER    (see common.py; byol and CIFAR cases)

Its crop is bilinear where the papers' is bicubic.
"""
import io

import common
import torch
from lightly.transforms import BYOLTransform, BYOLView1Transform, BYOLView2Transform, SimCLRTransform
from PIL import Image

torch.set_num_threads(1)
options = common.arguments()
case = common.CASES[options.case]
if case.views == 1:
    raise SystemExit("lightly has no transform for one view")
if options.case == "simclr_cifar":
    make = SimCLRTransform(input_size=case.size, gaussian_blur=0.0)
else:
    sides = [dict(input_size=case.size, gaussian_blur=blur) for blur in case.blur]
    make = BYOLTransform(BYOLView1Transform(**sides[0]), BYOLView2Transform(**sides[1]))


def run(items):
    for item in items:
        encoded = isinstance(item, bytes)
        make(Image.open(io.BytesIO(item)).convert("RGB") if encoded else Image.fromarray(item))


common.report("lightly", options, common.images(options), run, "lightly")
