"""Small networks and their weights, for the scripts beside it. All in float64.

Weights are `pattern` of their name, repeated in tests/pretext/golden_support.h.
"""

import torch
from torch import nn

SAMPLES = 6


def pattern(name, shape):
    i = torch.arange(torch.Size(shape).numel()) + 7919 * sum(map(ord, name))
    return (i * 40503 % 65536).double().view(shape) / 65536 - 0.5


def weights_of_pattern(modules):
    for prefix, module in modules.items():
        for name, weight in module.named_parameters():
            values = pattern(f"{prefix}{name}", weight.shape)
            if weight.dim() == 1:
                values = values / 4 + (1 if name.endswith("weight") else 0)
            weight.data.copy_(values)


def mlp(width, widths, hidden_norm=True, last_norm=None, last_bias=True):
    layers = []
    for hidden in widths[:-1]:
        layers.append(nn.Linear(width, hidden, bias=not hidden_norm))
        layers += [nn.BatchNorm1d(hidden)] * hidden_norm + [nn.ReLU()]
        width = hidden
    layers.append(nn.Linear(width, widths[-1], bias=last_bias and last_norm is None))
    if last_norm:
        layers.append(nn.BatchNorm1d(widths[-1], affine=last_norm == "batch"))
    return nn.Sequential(*layers).double()


class ConvBn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.double()

    def map(self, x):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 2)
        return self.bn2(self.conv2(x)).relu()

    def forward(self, x):
        return self.map(x).mean((2, 3))


STEPS = 10


def trajectory(name, trainer, views):
    """Ten steps of SGD; `trainer` gives modules by prefix, the loss of a step's views, and what follows a step."""
    modules, loss_of, after = trainer()
    weights = [weight for module in modules.values() for weight in module.parameters()]
    optimizer = torch.optim.SGD(weights, lr=0.1)
    path = []
    for step in range(STEPS):
        x = [4 * pattern(f"view{view}.step{step}", (SAMPLES, 3, 8, 8)) for view in range(views)]
        loss = loss_of(torch.cat(x), step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        after(step)
        path.append(loss.item())
    final = {prefix + name: weight.flatten().tolist() for prefix, module in modules.items()
             for name, weight in module.named_parameters()}
    return {"case": f"{name}_trajectory", "losses": path, "weights": final}
