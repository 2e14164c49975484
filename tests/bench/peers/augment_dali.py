"""Views of the images in a folder by DALI's CPU operators, decode included, one thread.

    augment_dali.py CASE FOLDER [--count 200] [--rounds 3]

CASE: byol (two views of 224 px) or one (random resized crop and flip). Prints one JSON object as augment.py does.
"""
import argparse, importlib.metadata as metadata, json, pathlib, time

import numpy as np
from nvidia.dali import fn, pipeline_def, types

MEAN, STD = [v * 255 for v in (0.485, 0.456, 0.406)], [v * 255 for v in (0.229, 0.224, 0.225)]


def chance(p):
    return fn.cast(fn.random.coin_flip(probability=p), dtype=types.FLOAT)


def view(image, case, tail):
    out = fn.random_resized_crop(image, size=[224, 224], random_area=[0.08, 1.0], interp_type=types.INTERP_CUBIC)
    if case == "byol":
        jitter = chance(0.8)
        factor = lambda low, high: 1 + jitter * (fn.random.uniform(range=[low, high]) - 1)
        out = fn.color_twist(out, brightness=factor(0.6, 1.4), contrast=factor(0.6, 1.4),
                             saturation=factor(0.8, 1.2) * (1 - chance(0.2)),
                             hue=jitter * fn.random.uniform(range=[-36.0, 36.0]))
        blurred = fn.gaussian_blur(out, sigma=fn.random.uniform(range=[0.1, 2.0]), window_size=23)
        if tail == 0:
            out = blurred
    return fn.crop_mirror_normalize(out, mean=MEAN, std=STD, mirror=fn.random.coin_flip(), output_layout="CHW")


@pipeline_def
def pipeline(case, images):
    data = fn.external_source(source=images, batch=True, cycle=True, dtype=types.UINT8)
    image = fn.decoders.image(data, device="cpu", output_type=types.RGB)
    return tuple(view(image, case, tail) for tail in range(2 if case == "byol" else 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=["byol", "one"])
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    files = sorted(p for p in pathlib.Path(options.folder).rglob("*") if p.is_file())[:options.count]
    size = 25
    images = [np.frombuffer(p.read_bytes(), np.uint8) for p in files]
    batches = [images[i:i + size] for i in range(0, len(images) - size + 1, size)]
    pipe = pipeline(options.case, batches, batch_size=size, num_threads=1, device_id=None, prefetch_queue_depth=1)
    pipe.build()
    pipe.run()
    rates = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        for _ in batches:
            pipe.run()
        rates.append(len(batches) * size / (time.perf_counter() - start))
    print(json.dumps({"peer": "dali", "case": options.case, "images_per_second": round(max(rates), 1),
                      "rounds": [round(r, 1) for r in rates], "version": metadata.version("nvidia-dali-cuda120")}))


main()
