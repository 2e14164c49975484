"""Writes what lightly's losses, or the papers' formulas, give for small embeddings: compare.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install torch==2.14.1 torchvision lightly==1.6.0
    golden/bin/python tests/golden/make_compare.py

A line's case is the task; it has options, embeddings [B, views, D], labels, the loss and its gradient. Where a
reference is not what its paper says, it is given what makes it so, or the formula is written out here:

  lightly's MMCRLoss takes embeddings of any length; the paper's are on the sphere, so they are scaled first.
  lightly has no SupCon loss; `supcon` is eq. 2 of the paper, term by term.
  lightly's SIGReg draws its slices itself and computes its knots in float32; `slices` and float64 knots are put in.
  The DCLW of the authors of DCL forgets the mean of its weights; lightly's has it, and is taken.
"""

import json
import pathlib

import lightly
import torch
import torch.nn.functional as F
from lightly.loss import BarlowTwinsLoss, DCLLoss, DCLWLoss, MMCRLoss, NTXentLoss, VICRegLoss
from lightly.loss.directclr_loss import DirectCLRLoss
from lightly.loss.lejepa_loss import SIGReg, lejepa_invariance_loss

GENERATOR = torch.Generator().manual_seed(11)


def normal(*shape):
    """Rounded, so that the file is small and every reader has the same bits."""
    return (torch.randn(shape, dtype=torch.float64, generator=GENERATOR) * 1024).round() / 1024


def line(task, options, shape, loss_of, **facts):
    z = normal(*shape).requires_grad_(True)  # [B, views, D]
    loss = loss_of(z)
    loss.backward()
    return {
        "case": task,
        "options": options,
        "embeddings": z.detach().tolist(),
        "loss": loss.item(),
        "gradient": z.grad.tolist(),
        **facts,
    }


def two(loss):
    return lambda z: loss(z[:, 0], z[:, 1])


def supcon(labels, temperature):
    def loss(z):
        rows = F.normalize(z, dim=2).flatten(0, 1)  # sample by sample
        classes = [(c, 0) if c >= 0 else (-1, i) for i, c in enumerate(labels) for _ in range(2)]
        total = 0
        for i in range(len(rows)):
            others = [a for a in range(len(rows)) if a != i]
            positives = [a for a in others if classes[a] == classes[i]]
            sum_of_all = sum((rows[i] @ rows[a] / temperature).exp() for a in others)
            terms = [((rows[i] @ rows[p] / temperature).exp() / sum_of_all).log() for p in positives]
            total = total - sum(terms) / len(positives)
        return total / len(rows)

    return loss


def mmcr(weight):
    def loss(z):
        z = F.normalize(z, dim=2)
        half = z.shape[1] // 2
        return MMCRLoss(lmda=weight)(z[:, :half], z[:, half:])

    return loss


class GivenSlices(SIGReg):
    def __init__(self, slices):
        super().__init__(num_vectors=slices.shape[1])
        t = torch.linspace(0, 3, 17, dtype=torch.float64)
        weights = torch.full((17,), 2 * 3 / 16, dtype=torch.float64)
        weights[[0, -1]] = 3 / 16
        self.t, self.phi = t, torch.exp(-t.square() / 2)
        self.weights = weights * self.phi
        self.slices = slices

    def _generate_unit_vectors(self, device, dtype, num_features):
        return self.slices


def sigreg(slices):
    return lambda z: GivenSlices(slices)(z.transpose(0, 1))


def invariance(global_views):
    def loss(z):
        views = z.transpose(0, 1)
        return lejepa_invariance_loss(all_proj=views, global_proj=views[:global_views])

    return loss


def npid(z, bank, samples, temperature):
    logits = F.normalize(z[:, 0], dim=1) @ bank.T / temperature
    return F.cross_entropy(logits, torch.tensor(samples))


def lines():
    yield line("simclr", "temperature: 0.2", (5, 2, 4), two(NTXentLoss(temperature=0.2)))
    for temperature in (0.1, 0.5):
        options = f"temperature: {temperature}"
        yield line("simclr", options + ", loss: dcl", (5, 2, 4), two(DCLLoss(temperature=temperature)))
        yield line(
            "simclr", options + ", loss: dclw, sigma: 0.3", (6, 2, 3), two(DCLWLoss(temperature=temperature, sigma=0.3))
        )
    yield line("directclr", "temperature: 0.1", (4, 2, 3), two(DirectCLRLoss(loss_dim=3, temperature=0.1)))
    yield line("barlow_twins", "scale: 1", (6, 2, 5), two(BarlowTwinsLoss()))
    yield line("barlow_twins", "scale: 1, lambda: 0.3", (7, 2, 4), two(BarlowTwinsLoss(lambda_param=0.3)))
    yield line("vicreg", "", (6, 2, 5), two(VICRegLoss()))
    yield line(
        "vicreg", "invariance: 2, variance: 3, covariance: 5", (7, 2, 4), two(VICRegLoss(2.0, 3.0, 5.0))
    )
    yield line("mmcr", "", (6, 2, 4), mmcr(0.0))
    yield line("mmcr", "view_count: 4, lambda: 0.7", (5, 4, 3), mmcr(0.7))
    for labels in ([0, 1, 0, 2, 1, 0], [0, -1, 0, -1, 1, 2]):
        yield line("supcon", "temperature: 0.3", (6, 2, 4), supcon(labels, 0.3), labels=labels)
    yield line("lejepa", "global_views: 2, local_views: 1, lambda: 0", (5, 3, 4), invariance(2))
    slices = F.normalize(normal(4, 3), dim=0)
    yield line("sigreg", "", (6, 2, 4), sigreg(slices), slices=slices.tolist())
    bank, samples = F.normalize(normal(9, 4), dim=1), [2, 7, 0]
    yield line(
        "npid", "", (3, 1, 4), lambda z: npid(z, bank, samples, 0.1), bank=bank.tolist(), samples=samples
    )


def main():
    torch.set_default_dtype(torch.float64)
    versions = {module.__name__: module.__version__ for module in (torch, lightly)}
    path = pathlib.Path(__file__).parent / "compare.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in [{"case": "made_by", **versions}, *lines()]))


if __name__ == "__main__":
    main()
