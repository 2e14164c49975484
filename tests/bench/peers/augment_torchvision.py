"""Views by torchvision: `pil` (its transforms on Pillow images, what papers ran) or `v2` (uint8 tensors).

    augment_torchvision.py pil|v2 CASE FOLDER    (see common.py)

The blur on Pillow images is Pillow's, as in the code of Barlow Twins, DINO and solo-learn.
"""
import io
import random
import sys

import common
import torch
from PIL import Image, ImageFilter
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2, transforms as v1

torch.set_num_threads(1)


def pil_blur(image):
    return image.filter(ImageFilter.GaussianBlur(random.uniform(*common.SIGMA)))


def view(case, i, t, blur, to_tensor):
    filter = t.InterpolationMode(case.filter)
    ops = [t.RandomResizedCrop(case.size, (0.08, 1), interpolation=filter), t.RandomHorizontalFlip()]
    if case.jitter:
        ops += [t.RandomApply([t.ColorJitter(*case.jitter)], 0.8), t.RandomGrayscale(0.2)]
    if case.blur[i]:
        ops.append(t.RandomApply([blur], case.blur[i]))
    if case.solarize[i]:
        ops.append(t.RandomSolarize(128, case.solarize[i]))
    return t.Compose(ops + [*to_tensor, t.Normalize(common.MEAN, common.STD)])


def pil_image(item):
    return Image.open(io.BytesIO(item)).convert("RGB") if isinstance(item, bytes) else Image.fromarray(item)


def tensor_image(item):
    if not isinstance(item, bytes):
        return torch.from_numpy(item).permute(2, 0, 1)
    return decode_image(torch.frombuffer(bytearray(item), dtype=torch.uint8), ImageReadMode.RGB)


kind = sys.argv.pop(1)
options = common.arguments()
case = common.CASES[options.case]
if kind == "pil":
    load, parts = pil_image, (v1, pil_blur, [v1.ToTensor()])
else:
    load, parts = tensor_image, (v2, v2.GaussianBlur(23, common.SIGMA), [v2.ToDtype(torch.float32, scale=True)])
views = [view(case, i, *parts) for i in range(case.views)]


def run(items):
    for item in items:
        image = load(item)
        for make in views:
            make(image)


common.report("torchvision " + {"pil": "on PIL", "v2": "v2"}[kind], options, common.images(options), run, "torchvision")
