"""Writes what NumPy and SciPy give for statistics of features, a ridge probe and an interval: health.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install numpy==2.4.6 scipy==1.17.1
    golden/bin/python tests/golden/make_health.py

Features are sums and products of `pattern`, which is exact in binary; tests/tensor/feature_cases.h repeats them.
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import linalg, stats
from scipy.spatial import distance


def pattern(shape, salt):
    i = np.arange(int(np.prod(shape)), dtype=np.int64) + salt * 1000
    return ((i * i * 40503 + i * 7919) % 65521 / 65536 - 0.5).reshape(shape)


def features(kind, n, d):
    if kind == "full":
        return pattern((n, d), 1)
    if kind == "low_rank":
        return pattern((n, 3), 2) @ pattern((3, d), 3)
    if kind == "nearly_collapsed":
        return pattern((1, d), 4) + pattern((n, d), 5) / 1024
    raise ValueError(kind)


def views(kind, q, n, d):
    return features(kind, n, d) + pattern((q, n, d), 6) / 8


def sphere(x):
    return np.stack([row / np.sqrt(row @ row) for row in x])


def rank(spectrum):
    spectrum = np.clip(spectrum, 0, None)
    return float(np.exp(stats.entropy(spectrum / spectrum.sum())))


def lidar(x, delta):
    q, n, d = x.shape
    means = [x[:, i].mean(axis=0) for i in range(n)]
    mean = sum(means) / n
    between = sum(np.outer(m - mean, m - mean) for m in means) / n
    within = sum(np.outer(x[v, i] - means[i], x[v, i] - means[i]) for i in range(n) for v in range(q)) / (n * q)
    values = linalg.eigh(between, within + delta * np.eye(d), eigvals_only=True)
    return rank(np.sort(values)[::-1][: min(n - 1, d)])


def health(kind, n, d):
    x, v = features(kind, n, d), views(kind, 3, n, d)
    pairs = distance.pdist(sphere(x), "sqeuclidean")
    first, second = sphere(v[0]), sphere(v[1])
    values = linalg.eigvalsh(np.cov(x, rowvar=False))
    return {
        "case": "health", "kind": kind, "images": n, "width": d,
        "feature_deviation": float(np.mean([stats.tstd(column) for column in sphere(x).T])),
        "rank_me": rank(linalg.svdvals(x)),
        "effective_rank": rank(np.sort(values)[::-1][: min(n - 1, d)]),
        "lidar": lidar(v, 1e-4),
        "alignment": float(np.mean([distance.sqeuclidean(a, b) for a, b in zip(first, second)])),
        "uniformity": float(np.log(np.mean(np.exp(-2 * pairs)))),
    }


def probe(n, d, classes, decay):
    """Weights of the ridge by its normal equations, with the constant as a feature that does not decay."""
    x = features("full", n, d)
    y = np.eye(classes)[np.arange(n) % classes]
    z = np.column_stack([(x - x.mean(axis=0)) / x.std(axis=0), np.ones(n)])
    penalty = np.diag([decay] * d + [0.0])
    solution = np.linalg.solve(z.T @ z / n + penalty, z.T @ y / n)
    return {"case": "probe", "images": n, "width": d, "classes": classes, "decay": decay,
            "weight": solution[:-1].tolist(), "bias": solution[-1].tolist()}


def interval(hits, trials):
    low, high = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    return {"case": "interval", "hits": hits, "trials": trials, "low": low, "high": high}


def main():
    lines = [{"case": "made_by", "numpy": np.__version__, "scipy": scipy.__version__}]
    for kind in ("full", "low_rank", "nearly_collapsed"):
        for n, d in ((40, 12), (10, 32)):
            lines.append(health(kind, n, d))
    lines += [probe(30, 4, 3, 0.1), probe(12, 20, 3, 1e-3)]
    lines += [interval(0, 20), interval(13, 50), interval(1999, 2000), interval(7, 7)]
    out = pathlib.Path(__file__).parent / "health.jsonl"
    out.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
