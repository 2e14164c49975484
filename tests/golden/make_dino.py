"""Writes what self-distillation gives in PyTorch and lightly: dino.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1 lightly==1.6.0
    golden/bin/python tests/golden/make_dino.py

Losses: lightly's DINOLoss, IBOTPatchLoss and KoLeoLoss, SwAV's sinkhorn, and the coding rate of SimDINO (Wu et al.
2025, eq. 5) by slogdet. Training: ten steps of DINO on `TinyBackbone`; its weights and views are `pattern`, repeated
in tests/pretext/dino_training_test.cpp.
"""

import json
import math
import pathlib

import lightly
import torch
from lightly.loss import DINOLoss, IBOTPatchLoss, KoLeoLoss
from lightly.loss.swav_loss import sinkhorn
from lightly.models.modules.heads import DINOProjectionHead

F64 = torch.float64
torch.set_default_dtype(F64)  # lightly makes tensors of its temperatures


def draw(seed, *shape):
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


def dino():
    """Two batches in a row, so that the second has a centre that is not zero: teacher [2, n, K], student [V, n, K]."""
    for views in (2, 5):
        loss = DINOLoss(output_dim=7, teacher_temp=0.05, student_temp=0.1, center_momentum=0.8).double()
        for batch in range(2):
            teacher = draw(10 * views + batch, 2, 3, 7) / 4
            student = (draw(10 * views + batch + 5, views, 3, 7) / 4).requires_grad_(True)
            value = loss(list(teacher), list(student))
            value.backward()
            yield {
                "case": f"dino_{views}",
                "teacher": teacher.tolist(),
                "student": student.tolist(),
                "loss": value.item(),
                "gradient": student.grad.tolist(),
                "centre": loss.center.flatten().tolist(),
            }


def ibot():
    """Scores [m, K] of the masked patches of 4 views, one of which has none."""
    mask = torch.zeros(4, 1, 6, dtype=torch.bool)
    mask[0, 0, 1:4] = mask[1, 0, 5] = mask[3, 0, ::2] = True
    loss = IBOTPatchLoss(output_dim=5, teacher_temp=0.05, student_temp=0.1, center_momentum=0.8).double()
    for batch in range(2):
        teacher = draw(70 + batch, int(mask.sum()), 5) / 4
        student = (draw(80 + batch, int(mask.sum()), 5) / 4).requires_grad_(True)
        value = loss(teacher, student, mask)
        value.backward()
        yield {
            "case": "ibot",
            "mask": mask[:, 0].int().tolist(),
            "teacher": teacher.tolist(),
            "student": student.tolist(),
            "loss": value.item(),
            "gradient": student.grad.tolist(),
            "centre": loss.center.value.flatten().tolist(),
        }


def koleo():
    x = draw(90, 6, 4).requires_grad_(True)
    value = KoLeoLoss().double()(x)
    value.backward()
    yield {"case": "koleo", "x": x.tolist(), "loss": value.item(), "gradient": x.grad.tolist()}


def codes():
    scores = draw(91, 6, 4) / 4
    yield {"case": "sinkhorn", "scores": scores.tolist(), "codes": sinkhorn(scores, 3, 0.07).tolist()}


def coding_rate():
    for samples, width in ((5, 3), (2, 4)):
        z = torch.nn.functional.normalize(draw(92, samples, width)).requires_grad_(True)
        covariance = z.T @ z / samples
        rate = torch.linalg.slogdet(torch.eye(width, dtype=F64) + width / 0.5 * covariance).logabsdet / 2
        rate.backward()
        yield {"case": "coding_rate", "z": z.tolist(), "rate": rate.item(), "gradient": z.grad.tolist()}


def pattern(shape, start):
    i = torch.arange(start, start + torch.Size(shape).numel())
    return (i * i * 40503 % 65521).double().view(shape) / 65521 - 0.5


class TinyBackbone(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 5, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x)).mean((2, 3))


STEPS, SAMPLES, PROTOTYPES, RATE, MOMENTUM = 10, 4, 6, 0.5, 0.9


def training():
    """SGD on DINO: two global crops of 8 x 8 pixels and two local ones of 5 x 5; prototypes rest for two steps, the
    teacher's temperature rises from 0.04 to 0.07 in five, its momentum from 0.9 to 1 in ten."""

    def network():
        head = DINOProjectionHead(5, 7, 4, PROTOTYPES, freeze_last_layer=2)
        return torch.nn.ModuleDict({"backbone": TinyBackbone(), "head": head}).double()

    student, teacher = network(), network()
    start = 1000
    with torch.no_grad():
        for name, weight in student.named_parameters():
            if not name.endswith("weight_g") and not name.endswith("original0"):
                weight.copy_(pattern(weight.shape, start))
            start += 1000
    teacher.load_state_dict(student.state_dict())
    loss = DINOLoss(output_dim=PROTOTYPES, student_temp=0.1, center_momentum=0.9).double()
    losses = []
    for step in range(STEPS):
        views = [
            4 * pattern((SAMPLES, 3, side, side), 100000 * (step + 1) + 10000 * view)
            for view, side in enumerate((8, 8, 5, 5))
        ]
        with torch.no_grad():
            targets = [teacher["head"](teacher["backbone"](view)) for view in views[:2]]
        scores = [student["head"](student["backbone"](view)) for view in views]
        temperature = 0.04 + (0.07 - 0.04) * min(1.0, step / 5)
        value = loss(targets, scores, teacher_temp=temperature)
        student.zero_grad()
        value.backward()
        student["head"].cancel_last_layer_gradients(step)
        momentum = 1 - (1 - MOMENTUM) * (1 + math.cos(math.pi * step / STEPS)) / 2
        with torch.no_grad():
            for weight in student.parameters():
                if weight.grad is not None:
                    weight -= RATE * weight.grad
            for own, other in zip(teacher.parameters(), student.parameters()):
                own.mul_(momentum).add_(other, alpha=1 - momentum)
        losses.append(value.item())
    names = [name for name, _ in student.named_parameters()]
    yield {
        "case": "training",
        "parameters": names,
        "losses": losses,
        "student": [weight.flatten().tolist() for weight in student.parameters()],
        "teacher": [weight.flatten().tolist() for weight in teacher.parameters()],
        "centre": loss.center.flatten().tolist(),
    }


def main():
    lines = [{"case": "made_by", "torch": torch.__version__, "lightly": lightly.__version__}]
    lines += [*dino(), *ibot(), *koleo(), *codes(), *coding_rate(), *training()]
    path = pathlib.Path(__file__).parent / "dino.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
