"""Writes what torchvision's and timm's backbones give: backbones.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch torchvision timm
    golden/bin/python tests/golden/make_backbones.py

torchvision: resnet34, resnet50 in training mode, as make_torch.py has resnet18, and alexnet in evaluation mode. timm:
convnext_tiny in evaluation mode. A line has names and shapes of the state without its head, and the first eight features of two images; weights
are `pattern`, repeated in tests/model/published_backbones_test.cpp.
"""

import json
import pathlib

import timm
import torch
import torchvision


def pattern(shape):
    i = torch.arange(torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def case(name, net, norm_of):
    with torch.no_grad():
        for key, weight in net.named_parameters():
            scale = (24 / weight[0].numel()) ** 0.5 if weight.dim() > 1 else 1
            weight.copy_(pattern(weight.shape) * scale + (1 if weight.dim() == 1 and norm_of(key) else 0))
        features = net(pattern((2, 3, 64, 64)) * 4)
    state = {key: list(value.shape) for key, value in net.state_dict().items()}
    return {"case": name, "state": state, "features": features[:, :8].tolist()}


def main():
    lines = [{"case": "made_by", **{module.__name__: module.__version__ for module in (torch, torchvision, timm)}}]
    for name in ("resnet34", "resnet50"):
        net = getattr(torchvision.models, name)().double().train()
        net.fc = torch.nn.Identity()
        lines.append(case(name, net, lambda key: key.endswith("weight")))
    net = torchvision.models.alexnet().double().eval()
    net.classifier[6] = torch.nn.Identity()
    lines.append(case("alexnet", net, lambda key: False))
    net = timm.create_model("convnext_tiny", num_classes=0).double().eval()
    lines.append(case("convnext_tiny", net, lambda key: key.endswith("weight") or key.endswith("gamma")))
    path = pathlib.Path(__file__).parent / "backbones.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
