"""Writes losses and gradients of instance discrimination and distillation, and ten steps of training: instance.jsonl, in
float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1 lightly==1.6.0
    golden/bin/python tests/golden/make_instance.py

Losses are lightly's where it has the paper's; exemplar networks, distillation, MoCo v3 and NNCLR are written from the
papers (lightly's NNCLR hands NT-Xent 2B - 2 negatives, the paper has B - 1). A backbone that computes nothing gives the
inputs, so the gradient is with respect to what enters the projector. All weights are `pattern` of their name.
"""

import json
import math
import pathlib
from importlib.metadata import version

import torch
from keyed import Draw
from lightly.loss import NegativeCosineSimilarity, NTXentLoss, SwaVLoss
from lightly.models.modules import NNMemoryBankModule
from networks import SAMPLES, STEPS, ConvBn, mlp, pattern, trajectory, weights_of_pattern
from torch import nn
from torch.nn.functional import cross_entropy, normalize

WIDTH, HIDDEN, DIMENSION, QUEUE, PROTOTYPES, IMAGES = 5, 7, 4, 9, 3, 100


def swapped(rows):
    return rows.roll(len(rows) // 2, 0)


def cosine(first, second):
    """Mean over both views: -cos(p1, z2) / 2 - cos(p2, z1) / 2."""
    return NegativeCosineSimilarity()(first, swapped(second))


def byol(x, options):
    shape = dict(widths=[HIDDEN, DIMENSION], last_bias=False)
    heads = {"projector.": mlp(WIDTH, **shape), "predictor.": mlp(DIMENSION, **shape)}
    heads["teacher_projector."] = mlp(WIDTH, **shape)
    weights_of_pattern(heads)
    q = heads["predictor."](heads["projector."](x.flatten(0, 1)))
    z = heads["teacher_projector."](x.flatten(0, 1)).detach()
    return 4 + 4 * cosine(q, z)


def simsiam(x, options):
    projector = mlp(WIDTH, [DIMENSION] * options["layers"], last_norm="plain")
    predictor = mlp(DIMENSION, [HIDDEN, DIMENSION])
    weights_of_pattern({"projector.": projector, "predictor.": predictor})
    z = projector(x.flatten(0, 1))
    return cosine(predictor(z), z.detach())


def moco_v2(x, options):
    shape = dict(widths=[HIDDEN, DIMENSION], hidden_norm=False)
    heads = {"projector.": mlp(WIDTH, **shape), "teacher_projector.": mlp(WIDTH, **shape)}
    weights_of_pattern(heads)
    loss = 0
    for query, key in ((0, 1), (1, 0))[: 1 + options["symmetric"]]:
        criterion = NTXentLoss(temperature=options["temperature"], memory_bank_size=(QUEUE, DIMENSION)).double()
        criterion.memory_bank.bank = normalize(pattern("queue.rows", (QUEUE, DIMENSION)), dim=1)
        criterion.memory_bank.bank_ptr = torch.zeros(1, dtype=torch.long)
        loss = loss + criterion(heads["projector."](x[query]), heads["teacher_projector."](x[key]).detach())
    return loss


def moco_v3(x, options):
    vit = options["heads"] == "vit"
    projector = dict(widths=[HIDDEN] * (1 + vit) + [DIMENSION], last_norm="plain")
    heads = {"projector.": mlp(WIDTH, **projector), "teacher_projector.": mlp(WIDTH, **projector)}
    heads["predictor."] = mlp(DIMENSION, [HIDDEN, DIMENSION], last_norm="plain" if vit else None, last_bias=False)
    weights_of_pattern(heads)
    q = normalize(heads["predictor."](heads["projector."](x.flatten(0, 1))), dim=1).view(2, SAMPLES, -1)
    k = normalize(heads["teacher_projector."](x.flatten(0, 1)).detach(), dim=1).view(2, SAMPLES, -1)
    t, own = options["temperature"], torch.arange(SAMPLES)
    return 2 * t * (cross_entropy(q[0] @ k[1].t() / t, own) + cross_entropy(q[1] @ k[0].t() / t, own))


def nnclr(x, options):
    projector = mlp(WIDTH, [HIDDEN, HIDDEN, DIMENSION], last_norm="batch")
    predictor = mlp(DIMENSION, [HIDDEN, DIMENSION])
    weights_of_pattern({"projector.": projector, "predictor.": predictor})
    bank = NNMemoryBankModule(size=(QUEUE, DIMENSION)).double()
    bank.bank = normalize(pattern("queue.rows", (QUEUE, DIMENSION)), dim=1)
    z = projector(x.flatten(0, 1))
    p = normalize(predictor(z), dim=1).view(2, SAMPLES, -1)
    nearest = normalize(bank(z.detach(), update=False), dim=1).view(2, SAMPLES, -1)
    t, own = options["temperature"], torch.arange(SAMPLES)
    return sum(cross_entropy(nearest[i] @ p[1 - i].t() / t, own) for i in (0, 1)) / 2


def swav(x, options):
    projector = mlp(WIDTH, [HIDDEN, DIMENSION])
    prototypes = nn.Linear(DIMENSION, PROTOTYPES, bias=False).double()
    weights_of_pattern({"projector.": projector, "prototypes.": prototypes})
    z = normalize(projector(x.flatten(0, 1)), dim=1)
    scores = list(prototypes(z).view(len(x), SAMPLES, -1))
    queue = None
    if options["queue"]:
        queue = [prototypes(normalize(pattern(f"queue{i}.rows", (QUEUE, DIMENSION)), dim=1)) for i in (1, 2)]
    criterion = SwaVLoss(temperature=options["temperature"], sinkhorn_epsilon=options["epsilon"])
    return criterion(scores[:2], scores[2:], queue).squeeze()


def exemplar(x, options):
    """Beyond full_up_to images, drawn ones stand for all others: those that are not the own image, each in equal parts."""
    w = pattern("exemplars", (IMAGES, WIDTH))
    own = range(10, 10 + SAMPLES)
    if options["full_up_to"] >= IMAGES:
        return cross_entropy(x[0] @ w.t(), torch.tensor(own))
    generator = torch.Generator().manual_seed(Draw(9, "exemplar.negatives", (0,)).u64())
    drawn = torch.randint(IMAGES, (options["negatives"],), generator=generator).tolist()
    result = 0
    for h, image in zip(x[0], own):
        others = [(h @ w[j]).exp() for j in drawn if j != image]
        rest = (IMAGES - 1) * sum(others) / len(others)
        result = result - ((h @ w[image]).exp() / ((h @ w[image]).exp() + rest)).log() / SAMPLES
    return result


def distill(x, options):
    """The teacher computes nothing either: its features are the inputs."""
    heads = {"projector.": mlp(WIDTH, [HIDDEN, WIDTH])}
    weights_of_pattern(heads)
    p, t = heads["projector."](x[0]), x[0].detach()
    if options["loss"] == "mse":
        return (p - t).square().sum(1).mean() / 2
    return (normalize(p, dim=1) - normalize(t, dim=1)).square().sum(1).mean()


def losses():
    cases = [(byol, {}), (simsiam, {"layers": 2}), (simsiam, {"layers": 3})]
    cases += [(moco_v2, {"symmetric": symmetric, "temperature": 0.2}) for symmetric in (False, True)]
    cases += [(moco_v3, {"heads": heads, "temperature": 0.3}) for heads in ("resnet", "vit")]
    cases += [(nnclr, {"temperature": 0.1})]
    cases += [(swav, {"local_crops": crops, "queue": queue, "temperature": 0.1, "epsilon": 0.05})
              for crops, queue in ((0, 0), (2, 0), (1, QUEUE))]
    cases += [(exemplar, {"full_up_to": IMAGES, "negatives": 4}), (exemplar, {"full_up_to": 0, "negatives": 60})]
    cases += [(distill, {"loss": loss}) for loss in ("cosine", "mse")]
    generator = torch.Generator().manual_seed(7)
    for loss_of, options in cases:
        views = 1 if loss_of in (exemplar, distill) else 2 + options.get("local_crops", 0)
        x = torch.randn(views, SAMPLES, WIDTH, dtype=torch.float64, generator=generator)
        x = ((x * 1000).round() / 1000).requires_grad_(True)
        loss = loss_of(x, options)
        loss.backward()
        yield {"case": loss_of.__name__, "options": options, "views": x.tolist(), "loss": loss.item(),
               "gradient": x.grad.tolist()}


def simclr_trainer():
    modules = {"": ConvBn(), "projector.": mlp(6, [HIDDEN, DIMENSION], hidden_norm=False)}
    weights_of_pattern(modules)

    def loss_of(x, step):
        return NTXentLoss(temperature=0.5)(*modules["projector."](modules[""](x)).chunk(2))

    return modules, loss_of, lambda step: None


def byol_trainer():
    shape = dict(widths=[HIDDEN, DIMENSION], last_bias=False)
    modules = {"": ConvBn(), "projector.": mlp(6, **shape), "predictor.": mlp(DIMENSION, **shape)}
    weights_of_pattern(modules)
    teacher = {"": ConvBn(), "projector.": mlp(6, **shape)}
    for prefix, module in teacher.items():
        module.load_state_dict(modules[prefix].state_dict())

    def loss_of(x, step):
        with torch.no_grad():
            target = teacher["projector."](teacher[""](x))
        return 4 + 4 * cosine(modules["predictor."](modules["projector."](modules[""](x))), target)

    def after(step):
        momentum = 1 - (1 - 0.9) * (math.cos(math.pi * step / STEPS) + 1) / 2
        with torch.no_grad():
            for prefix, module in teacher.items():
                for own, new in zip(module.parameters(), modules[prefix].parameters()):
                    own.mul_(momentum).add_((1 - momentum) * new)

    return modules, loss_of, after


def main():
    torch.set_num_threads(1)
    lines = [{"case": "made_by", "torch": version("torch"), "lightly": version("lightly")}, *losses()]
    lines += [trajectory("simclr", simclr_trainer, 2), trajectory("byol", byol_trainer, 2)]
    path = pathlib.Path(__file__).parent / "instance.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
