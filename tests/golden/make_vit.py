"""Writes what timm's VisionTransformer gives: vit.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1 timm==1.0.31
    golden/bin/python tests/golden/make_vit.py

Weights and images are `pattern`, repeated in tests/support/golden.h.
"""

import json
import pathlib
from unittest import mock

import timm
import torch
from timm.models.vision_transformer import VisionTransformer

SIZES = {"native": (24, 24), "other": (20, 36)}


def pattern(shape):
    i = torch.arange(torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def fill(module):
    """Matrices keep the variance of what they are given; scales are around 1."""
    with torch.no_grad():
        for name, weight in module.named_parameters():
            tokens = weight.dim() == 3 and weight.size(0) == 1
            scale = (12 / weight[0].numel()) ** 0.5 if weight.dim() > 1 and not tokens else 1
            is_scale = weight.dim() == 1 and not name.endswith("bias")
            weight.copy_(pattern(weight.shape) * scale + (1 if is_scale else 0))


def features(name, **options):
    net = VisionTransformer(img_size=24, patch_size=4, embed_dim=128, depth=3, num_heads=2, num_classes=0,
                            dynamic_img_size=True, **options).double().eval()
    fill(net)
    line = {"case": name, "state": {key: list(value.shape) for key, value in net.state_dict().items()}}
    for key, (height, width) in SIZES.items():
        images = pattern((2, 3, height, width)) * 4
        # timm resamples positions in float32 whatever the type.
        with torch.no_grad(), mock.patch.object(torch.Tensor, "float", lambda tensor: tensor):
            tokens = net.forward_features(images)
            line[key] = {"tokens": tokens[1, :, :3].tolist(), "pooled": net.forward_head(tokens)[:, :8].tolist()}
    return line


def main():
    lines = [{"case": "made_by", "torch": torch.__version__, "timm": timm.__version__}]
    lines.append(features("class_token"))
    lines.append(features("registers", class_token=False, reg_tokens=2, no_embed_class=True, global_pool="avg",
                          fc_norm=False, init_values=1.0))
    path = pathlib.Path(__file__).parent / "vit.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
