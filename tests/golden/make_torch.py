"""Writes what PyTorch's optimizers, torchvision's ResNet-18 and lightly's NT-Xent give: torch.jsonl, in float64.

    apt-get install python3-torch python3-torchvision   # Debian 12: PyTorch 1.13.1, torchvision 0.14.1
    python3 -m venv --system-site-packages golden && golden/bin/pip install --no-deps lightly==1.6.0
    golden/bin/python tests/golden/make_torch.py

The optimizers minimise sum of a/2 (w - b)^2 with the a, b and first w of `problem`, which are exact in binary and
repeated in tests/optim/optimizer_test.cpp; the ResNet's weights are `pattern`, repeated in
tests/model/resnet18_test.cpp.
"""

import json
import pathlib

import lightly
import torch
import torchvision
from lightly.loss import NTXentLoss

STEPS = 20


def problem(shape, offset):
    i = torch.arange(offset, offset + torch.Size(shape).numel(), dtype=torch.float64).view(shape)
    return (i % 5 - 2) / 4 + 1 / 8, (i + 1) / 8, (i % 4 - 2) / 2  # w, a, b


def trajectory(name, make, lr_factor=1.0):
    """Weight [3, 2] in one group, bias [2] in another that does not decay; the rate falls linearly."""
    tensors = [problem((3, 2), 0), problem((2,), 6)]
    weights = [w.clone().requires_grad_(True) for w, _, _ in tensors]
    optimizer = make([{"params": [weights[0]]}, {"params": [weights[1]], "weight_decay": 0.0}])
    path = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (1 - step / 40) * lr_factor
        for weight, (_, a, b) in zip(weights, tensors):
            weight.grad = a * (weight.detach() - b)
        optimizer.step()
        path.append([value for weight in weights for value in weight.detach().flatten().tolist()])
    return {"case": name, "path": path}


def optimizers():
    def sgd(**options):
        return lambda groups: torch.optim.SGD(groups, lr=1.0, **options)

    def adamw(**options):
        return lambda groups: torch.optim.AdamW(groups, lr=1.0, **options)

    yield trajectory("sgd_nesterov_decay", sgd(momentum=0.9, nesterov=True, weight_decay=0.05))
    yield trajectory("sgd_heavy_ball", sgd(momentum=0.8))
    yield trajectory("sgd_plain_decay", sgd(weight_decay=0.05))
    yield trajectory("sgd_slow", sgd(momentum=0.9, nesterov=True, weight_decay=0.05), lr_factor=0.125)
    yield trajectory("adamw", adamw())
    yield trajectory("adamw_decay", adamw(betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3))
    yield trajectory("adam", lambda groups: torch.optim.Adam(groups, lr=1.0))


def pattern(shape):
    i = torch.arange(torch.Size(shape).numel())
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def resnet18():
    """Pooled features of two images in training mode, and the running variance that the last stage then has."""
    net = torchvision.models.resnet18().double().train()
    net.fc = torch.nn.Identity()
    with torch.no_grad():
        for name, weight in net.named_parameters():
            scale = (24 / weight[0].numel()) ** 0.5 if weight.dim() == 4 else 1
            weight.copy_(pattern(weight.shape) * scale + (1 if weight.dim() == 1 and "weight" in name else 0))
        features = net(pattern((2, 3, 64, 64)) * 4)
    variance = net.layer4[1].bn2.running_var
    return {"case": "resnet18", "features": features[:, :8].tolist(), "variance": variance[:8].tolist()}


def contrastive():
    generator = torch.Generator().manual_seed(7)
    for samples, width, temperature in ((1, 3, 0.5), (5, 4, 0.5), (8, 3, 0.1)):
        views = torch.randn(2, samples, width, dtype=torch.float64, generator=generator)
        views.requires_grad_(True)
        loss = NTXentLoss(temperature=temperature)(views[0], views[1])
        loss.backward()
        yield {
            "case": f"ntxent_{samples}",
            "temperature": temperature,
            "views": views.detach().tolist(),
            "loss": loss.item(),
            "gradient": views.grad.tolist(),
        }


def main():
    versions = {module.__name__: module.__version__ for module in (torch, torchvision, lightly)}
    lines = [{"case": "made_by", **versions}]
    lines += [*optimizers(), resnet18(), *contrastive()]
    path = pathlib.Path(__file__).parent / "torch.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
