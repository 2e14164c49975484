"""Views of the images in a folder by other libraries, decode included, one process and one thread.

    augment.py PEER CASE FOLDER [--count 200] [--rounds 3]

PEER: torchvision_pil, torchvision_v2, lightly, albumentations, kornia.
CASE: byol (two views of 224 px), one (random resized crop and flip, 224 px), cifar (two views of 32 px without blur).
Prints one JSON object: images a second (best and all rounds) and versions.
"""
import argparse, io, json, os, pathlib, random, time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np
import torch
from PIL import Image, ImageFilter

torch.set_num_threads(1)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class PilBlur:
    """As in the code of Barlow Twins, DINO and solo-learn."""

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))


def torchvision_view(t, case, tail, blur, solarize, to_tensor):
    if case == "one":
        return t.Compose([t.RandomResizedCrop(224, interpolation=t.InterpolationMode.BICUBIC, antialias=True),
                          t.RandomHorizontalFlip(), *to_tensor])
    size = 224 if case == "byol" else 32
    ops = [t.RandomResizedCrop(size, (0.08, 1), interpolation=t.InterpolationMode.BICUBIC, antialias=True),
           t.RandomHorizontalFlip(), t.RandomApply([t.ColorJitter(0.4, 0.4, 0.2, 0.1)], 0.8), t.RandomGrayscale(0.2)]
    if case == "byol":
        ops.append(t.RandomApply([blur], 1.0 if tail == 0 else 0.1))
    if tail == 1:
        ops.append(solarize)
    return t.Compose(ops + to_tensor)


def torchvision_pil(case):
    from torchvision import transforms as t
    views = [torchvision_view(t, case, v, PilBlur(), t.RandomSolarize(128, 0.2), [t.ToTensor(), t.Normalize(MEAN, STD)])
             for v in range(1 if case == "one" else 2)]

    def run(data):
        image = Image.open(io.BytesIO(data)).convert("RGB")
        return [view(image) for view in views]
    return run


def torchvision_v2(case):
    from torchvision.io import ImageReadMode, decode_image
    from torchvision.transforms import v2 as t
    views = [torchvision_view(t, case, v, t.GaussianBlur(23, (0.1, 2.0)), t.RandomSolarize(128, 0.2),
                              [t.ToDtype(torch.float32, scale=True), t.Normalize(MEAN, STD)])
             for v in range(1 if case == "one" else 2)]

    def run(data):
        image = decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), ImageReadMode.RGB)
        return [view(image) for view in views]
    return run


def lightly(case):
    from lightly.transforms import BYOLTransform, BYOLView1Transform, BYOLView2Transform
    if case == "one":
        raise SystemExit("lightly has no pipeline of its own for this case")
    size = 224 if case == "byol" else 32
    blur = {} if case == "byol" else {"gaussian_blur": 0.0}
    transform = BYOLTransform(BYOLView1Transform(input_size=size, **blur), BYOLView2Transform(input_size=size, **blur))

    def run(data):
        return transform(Image.open(io.BytesIO(data)).convert("RGB"))
    return run


def albumentations(case):
    import albumentations as A
    import cv2
    from albumentations.pytorch import ToTensorV2
    cv2.setNumThreads(0)
    size = 32 if case == "cifar" else 224

    def view(tail):
        ops = [A.RandomResizedCrop((size, size), scale=(0.08, 1), interpolation=cv2.INTER_CUBIC), A.HorizontalFlip(p=0.5)]
        if case != "one":
            ops += [A.ColorJitter((0.6, 1.4), (0.6, 1.4), (0.8, 1.2), (-0.1, 0.1), p=0.8), A.ToGray(p=0.2)]
        if case == "byol":
            ops.append(A.GaussianBlur(blur_limit=0, sigma_limit=(0.1, 2.0), p=1.0 if tail == 0 else 0.1))
        if case != "one" and tail == 1:
            ops.append(A.Solarize((0.5, 0.5), p=0.2))
        return A.Compose(ops + [A.Normalize(MEAN, STD), ToTensorV2()])
    views = [view(v) for v in range(1 if case == "one" else 2)]

    def run(data):
        image = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return [v(image=image)["image"] for v in views]
    return run


def kornia(case):
    import kornia.augmentation as K
    from torchvision.io import ImageReadMode, decode_image
    size = 32 if case == "cifar" else 224

    def view(tail):
        ops = [K.RandomResizedCrop((size, size), (0.08, 1), resample="BICUBIC"), K.RandomHorizontalFlip(p=0.5)]
        if case != "one":
            ops += [K.ColorJitter(0.4, 0.4, 0.2, 0.1, p=0.8), K.RandomGrayscale(p=0.2)]
        if case == "byol":
            ops.append(K.RandomGaussianBlur((23, 23), (0.1, 2.0), p=1.0 if tail == 0 else 0.1))
        if case != "one" and tail == 1:
            ops.append(K.RandomSolarize(0.0, 0.0, p=0.2))
        return K.AugmentationSequential(*ops, K.Normalize(MEAN, STD), data_keys=["input"])
    views = [view(v) for v in range(1 if case == "one" else 2)]

    def run(data):
        image = decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), ImageReadMode.RGB)[None] / 255.0
        return [v(image) for v in views]
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=["torchvision_pil", "torchvision_v2", "lightly", "albumentations", "kornia"])
    parser.add_argument("case", choices=["byol", "one", "cifar"])
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    files = sorted(p for p in pathlib.Path(options.folder).rglob("*") if p.is_file())
    step = max(1, len(files) // options.count)
    images = [p.read_bytes() for p in files[::step][:options.count]]
    run = globals()[options.peer](options.case)
    for data in images[:20]:
        run(data)
    rates = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        for data in images:
            run(data)
        rates.append(len(images) / (time.perf_counter() - start))
    import importlib.metadata as metadata
    import PIL
    package = options.peer.split("_")[0]
    print(json.dumps({"peer": options.peer, "case": options.case, "images_per_second": round(max(rates), 1),
                      "rounds": [round(r, 1) for r in rates],
                      "versions": {package: metadata.version(package), "torch": torch.__version__, "pillow": PIL.__version__}}))


main()
