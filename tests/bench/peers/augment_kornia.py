"""Views by Kornia on f32 tensors, one image at a time since images have many sizes.

    augment_kornia.py CASE FOLDER    (see common.py)
"""
import common
import kornia.augmentation as K
import torch
from torchvision.io import ImageReadMode, decode_image

torch.set_num_threads(1)
options = common.arguments()
case = common.CASES[options.case]


def view(i):
    ops = [K.RandomResizedCrop((case.size, case.size), (0.08, 1), resample=case.filter.upper()),
           K.RandomHorizontalFlip(p=0.5)]
    if case.jitter:
        ops += [K.ColorJitter(*case.jitter, p=0.8), K.RandomGrayscale(p=0.2)]
    if case.blur[i]:
        ops.append(K.RandomGaussianBlur((23, 23), common.SIGMA, p=case.blur[i]))
    if case.solarize[i]:
        ops.append(K.RandomSolarize(0.0, 0.0, p=case.solarize[i]))
    return K.AugmentationSequential(*ops, K.Normalize(common.MEAN, common.STD), data_keys=["input"])


def tensor_image(item):
    if not isinstance(item, bytes):
        return torch.from_numpy(item).permute(2, 0, 1)
    return decode_image(torch.frombuffer(bytearray(item), dtype=torch.uint8), ImageReadMode.RGB)


views = [view(i) for i in range(case.views)]


def run(items):
    for item in items:
        image = tensor_image(item)[None] / 255.0
        for make in views:
            make(image)


common.report("kornia", options, common.images(options), run, "kornia")
