"""Views by the CPU operators of NVIDIA DALI, one thread, batches of 25.

    augment_dali.py CASE FOLDER    (see common.py)

The one view uses its fused decoder, which decodes the crop alone. Its colour operators keep one
order, where torchvision's jitter draws the order.
"""
import itertools

import common
from nvidia.dali import fn, pipeline_def, types

BATCH = 25
options = common.arguments()
case = common.CASES[options.case]
queue = iter(())
FILTER = {"bicubic": types.INTERP_CUBIC, "bilinear": types.INTERP_LINEAR}[case.filter]
SCALE = [value * 255 for value in common.MEAN], [value * 255 for value in common.STD]


def chance(probability):
    return fn.random.coin_flip(probability=probability, dtype=types.BOOL)


def around(middle, strength):
    return fn.random.uniform(range=(middle - strength, middle + strength))


def view(image, i):
    image = fn.random_resized_crop(image, size=case.size, random_area=(0.08, 1), interp_type=FILTER)
    if case.jitter and chance(0.8):
        brightness, contrast, saturation, hue = case.jitter
        image = fn.color_twist(image, brightness=around(1, brightness), contrast=around(1, contrast),
                               saturation=around(1, saturation), hue=around(0, 360 * hue))
    if case.jitter and chance(0.2):
        image = fn.hsv(image, saturation=0.0)
    if case.blur[i] and chance(case.blur[i]):
        image = fn.gaussian_blur(image, sigma=fn.random.uniform(range=common.SIGMA))
    if case.solarize[i] and chance(case.solarize[i]):
        image = fn.cast(image * (image < 128) + (255 - image) * (image >= 128), dtype=types.UINT8)
    return finish(image)


def finish(image):
    return fn.crop_mirror_normalize(image, mirror=fn.random.coin_flip(), mean=SCALE[0], std=SCALE[1],
                                    output_layout="CHW")


@pipeline_def(enable_conditionals=True, batch_size=BATCH, num_threads=1, device_id=None, seed=0)
def pipeline():
    data = fn.external_source(source=lambda: [next(queue) for _ in range(BATCH)], batch=True)
    if case.views == 1:
        crop = fn.decoders.image_random_crop(data, random_area=(0.08, 1), random_aspect_ratio=(3 / 4, 4 / 3))
        return finish(fn.resize(crop, size=(case.size, case.size), interp_type=FILTER))
    image = data if options.from_memory else fn.decoders.image(data)
    return tuple(view(image, i) for i in range(case.views))


made = pipeline(prefetch_queue_depth=1)
made.build()


def run(items):
    global queue
    queue = itertools.chain(items[: len(items) // BATCH * BATCH], itertools.cycle(items))
    for _ in range(len(items) // BATCH):
        made.run()


as_arrays = [common.np.frombuffer(i, common.np.uint8) if isinstance(i, bytes) else i for i in common.images(options)]
common.report("dali, CPU", options, as_arrays, run, "nvidia-dali-cuda120")
