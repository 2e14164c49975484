"""Weights out and in: what `espalier export` writes loads in timm, torchvision and transformers and computes the same,
and their state dicts load in Espalier. Run by run.sh; the one argument is the program.

That the libraries compute what Espalier computes is seen in a loss: `espalier evaluate` scores a supervised run, and
the library's features under the same classifier have to give it too.
"""

import json
import pathlib
import runpy
import subprocess
import sys
import tempfile

import numpy
import PIL.Image
import safetensors.torch
import timm
import torch
import torchvision
import transformers

PROGRAM = sys.argv[1]
SIDE, IMAGES = 64, 8
MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]
CLOSE = 1e-5


def run(*arguments, fails=False):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert fails or done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stderr if fails else done.stdout


def make_images(folder, kind, mode, seed):
    draw = numpy.random.default_rng(seed)
    source = folder / f"images-{kind}-{mode}"
    for i in range(IMAGES):
        path = source / f"class{i % 2}" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (SIDE, SIDE) if mode == "L" else (SIDE, SIDE, 3)
        PIL.Image.fromarray(draw.integers(0, 256, shape, dtype=numpy.uint8), mode).save(path)
    run("pack", "--source", source, "--format", "image_folder", "--out", folder / f"{kind}-{mode}")


def pretrain(folder, out, mode, *options):
    channels = 1 if mode == "L" else 3
    config = folder / "config.yaml"
    config.write_text(
        f"data: {{shards: {folder}/train-{mode}, batch: {IMAGES}}}\n"
        f"augment: {{views: [\"flip(p=0.5)\"], mean: {MEAN[:channels]}, std: {STD[:channels]}}}\n"
        "task: {name: supervised}\noptim: {name: sgd, lr: 0.001}\n"
        "train: {steps: 1, precision: f32}\nparallel: {lanes: 1}\n"
    )
    run("pretrain", config, "--out", out, *options)


def tensors(path):
    return safetensors.torch.load_file(path)


def images_of(folder, mode):
    paths = sorted((folder / f"images-test-{mode}").rglob("*.png"))
    pixels = torch.stack([torch.from_numpy(numpy.array(PIL.Image.open(path))) for path in paths])
    pixels = (pixels[..., None] if mode == "L" else pixels).permute(0, 3, 1, 2) / 255
    channels = pixels.shape[1]
    shape = (1, channels, 1, 1)
    labels = torch.tensor([int(path.parent.name[-1]) for path in paths])
    return (pixels - torch.tensor(MEAN[:channels]).view(shape)) / torch.tensor(STD[:channels]).view(shape), labels


@torch.no_grad()
def loss_with(features, labels, out):
    task = tensors(next((out / "checkpoints").glob("step-*")) / "task.safetensors")
    weight, bias = task["classifier.weight"], task["classifier.bias"]
    return torch.nn.functional.cross_entropy(features @ weight.T + bias, labels).item()


@torch.no_grad()
def loads_and_agrees(folder, name, mode, formats, *options):
    out = folder / f"run-{name}"
    pretrain(folder, out, mode, *options)
    loss = json.loads(run("evaluate", out, "--data", folder / f"test-{mode}", "--json"))["loss"]
    x, labels = images_of(folder, mode)
    for form in formats:
        exported = folder / f"{name}-{form}"
        run("export", out, "--format", form, "--out", exported)
        model = runpy.run_path(str(exported / "load.py"))["model"]
        features = model(x).pooler_output if form == "huggingface" else model(x)
        difference = abs(loss_with(features.float(), labels, out) - loss)
        print(f"{name} in {form}: loss {loss:.6f}, difference {difference:.1e}")
        assert difference < CLOSE * max(1, abs(loss)), (name, form)
        assert "pretrained by supervised" in (exported / "README.md").read_text()
        if form == "huggingface":
            processor = transformers.AutoImageProcessor.from_pretrained(exported)
            assert list(processor.data_config["mean"]) == MEAN[: x.shape[1]], processor
    return out


def comes_back(folder, name, mode, model, file, *options):
    """The library's own weights, with rates of 0: the backbone at the end has them."""
    state = model.state_dict()
    if file.suffix == ".pth":
        torch.save(state, file, _use_new_zipfile_serialization="zip" in file.stem)
    else:
        safetensors.torch.save_file(state, file)
    out = folder / f"back-{name}-{file.stem}-{mode}"
    pretrain(folder, out, mode, *options, f"model.weights={file}", "model.warmup_steps=1")
    back = tensors(out / "backbone.safetensors")
    moved = ("running_mean", "running_var", "num_batches_tracked")
    for key, value in back.items():
        if key.endswith(moved):
            continue
        expected = state[key]
        if expected.shape != value.shape and key == "pos_embed":
            expected = timm.layers.resample_abs_pos_embed(expected, (SIDE // 16, SIDE // 16), num_prefix_tokens=1)
        elif expected.shape != value.shape:
            expected = timm.models.adapt_input_conv(value.shape[1], expected)
        assert torch.allclose(expected, value, rtol=0, atol=CLOSE), key
    print(f"{name} of {file.name}, {mode}: {len(back)} tensors come back")


def main():
    backbones = run("list", "backbone")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for mode in ("RGB", "L"):
            make_images(folder, "train", mode, seed=3)
            make_images(folder, "test", mode, seed=4)
        every = ("timm", "torchvision", "huggingface")
        for resnet in ("resnet18", "resnet50"):
            loads_and_agrees(folder, resnet, "RGB", every, f"model.name={resnet}", "model.stem=imagenet")
        loads_and_agrees(folder, "resnet18-grey", "L", every, "model.name=resnet18", "model.stem=imagenet")
        small = loads_and_agrees(folder, "resnet18-small", "RGB", every[:2], "model.name=resnet18")
        refused = run("export", small, "--format", "huggingface", "--out", folder / "no", fails=True)
        assert "load.py changes two layers" in refused, refused
        loads_and_agrees(folder, "alexnet", "RGB", ("torchvision",), "model.name=alexnet")
        loads_and_agrees(folder, "alexnet-grey", "L", ("torchvision",), "model.name=alexnet")
        loads_and_agrees(folder, "convnext_tiny", "RGB", ("timm", "huggingface"), "model.name=convnext_tiny")

        torch.manual_seed(2)
        resnet = torchvision.models.resnet34()
        for mode, file in (("RGB", "zip.pth"), ("RGB", "old.pth"), ("L", "zip.pth"), ("RGB", "model.safetensors")):
            comes_back(folder, "resnet34", mode, resnet, folder / file, "model.name=resnet34", "model.stem=imagenet")
        alexnet = torchvision.models.alexnet()
        for mode in ("RGB", "L"):
            comes_back(folder, "alexnet", mode, alexnet, folder / "zip.pth", "model.name=alexnet")
        convnext = timm.create_model("convnext_tiny")
        for mode in ("RGB", "L"):
            comes_back(folder, "convnext", mode, convnext, folder / "zip.pth", "model.name=convnext_tiny")

        if "vit_tiny" in backbones:
            loads_and_agrees(folder, "vit_tiny", "RGB", ("timm", "huggingface"), "model.name=vit_tiny")
            vit = timm.create_model("vit_tiny_patch16_224")
            comes_back(folder, "vit_tiny", "RGB", vit, folder / "zip.pth", "model.name=vit_tiny")
    print("passed")


if __name__ == "__main__":
    main()
