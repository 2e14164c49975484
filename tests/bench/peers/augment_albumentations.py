"""Views by Albumentations (OpenCV): resizes without antialias, so its pixels are not the papers'.

    augment_albumentations.py CASE FOLDER    (see common.py)

Decoded by OpenCV straight to RGB; OpenCV's own threads are off.
"""
import albumentations as A
import common
import cv2
import numpy as np
from albumentations.pytorch import ToTensorV2

cv2.setNumThreads(0)
options = common.arguments()
case = common.CASES[options.case]
FILTER = {"bicubic": cv2.INTER_CUBIC, "bilinear": cv2.INTER_LINEAR}[case.filter]


def around_one(strength):
    return 1 - strength, 1 + strength


def view(i):
    ops = [A.RandomResizedCrop((case.size, case.size), scale=(0.08, 1), interpolation=FILTER), A.HorizontalFlip(p=0.5)]
    if case.jitter:
        *factors, hue = case.jitter
        ops += [A.ColorJitter(*map(around_one, factors), (-hue, hue), p=0.8), A.ToGray(p=0.2)]
    if case.blur[i]:
        ops.append(A.GaussianBlur(blur_limit=0, sigma_limit=common.SIGMA, p=case.blur[i]))
    if case.solarize[i]:
        ops.append(A.Solarize((0.5, 0.5), p=case.solarize[i]))
    return A.Compose(ops + [A.Normalize(common.MEAN, common.STD), ToTensorV2()])


views = [view(i) for i in range(case.views)]


def run(items):
    for item in items:
        if isinstance(item, bytes):
            item = cv2.imdecode(np.frombuffer(item, np.uint8), cv2.IMREAD_COLOR_RGB)
        for make in views:
            make(image=item)


common.report("albumentations", options, common.images(options), run, "albumentations")
