"""Writes what NumPy, SciPy and scikit-learn give for measures of a layer's features: layers.jsonl, in float64.

    python3 -m venv golden && golden/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    golden/bin/python tests/golden/make_layers.py

Each is computed from its definition, by another way than the program's: LogME as a maximum of the evidence of a Gaussian
process, the H-score by a pseudo-inverse, CKA by Gram matrices. Features are those of
make_health.py.
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import optimize, stats
from sklearn import manifold

from make_health import features, pattern


def classes_of(n, count):
    """Uneven: class c has the images whose pattern says so."""
    return ((pattern((n,), 9) + 0.5) ** 2 * count).astype(int)


def informative(n, d, count):
    """Features of which some follow the class."""
    y = classes_of(n, count)
    return features("full", n, d) + 0.4 * pattern((count, d), 10)[y], y


def log_evidence(x, y, log_alpha, log_beta):
    """log N(y; 0, 1/beta + x x'/alpha)."""
    n = len(x)
    covariance = np.eye(n) / np.exp(log_beta) + x @ x.T / np.exp(log_alpha)
    return stats.multivariate_normal(np.zeros(n), covariance).logpdf(y)


def log_me(x, y, count):
    values = []
    for c in range(count):
        target = (y == c).astype(float)
        best = max((optimize.minimize(lambda p: -log_evidence(x, target, *p), start, method="Nelder-Mead",
                                      options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000})
                    for start in ([0.0, 0.0], [2.0, 1.0])), key=lambda r: -r.fun)
        values.append(-best.fun / len(x))
    return float(np.mean(values))


def h_score(x, y, count):
    means = np.array([x[y == c].mean(axis=0) for c in y])
    return float(np.trace(np.linalg.pinv(np.cov(x, rowvar=False, bias=True)) @ np.cov(means, rowvar=False, bias=True)))


def cka(x, y):
    n = len(x)
    centre = np.eye(n) - 1 / n
    k, l = centre @ x @ x.T @ centre, centre @ y @ y.T @ centre
    return float((k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum()))


def alpha_req(x):
    values = np.sort(np.linalg.eigvalsh(np.cov(x, rowvar=False)))[::-1]
    values = values[values > 1e-10 * values[0]]
    j = np.arange(1, len(values) + 1)
    return float(-np.polyfit(np.log(j), np.log(values), 1, w=1 / np.sqrt(j))[0])


def kendall(n, ties):
    """Two lists that agree partly; rounding makes ties."""
    x, noise = pattern((n,), 11), pattern((n,), 12)
    y = x + noise
    if ties:
        x, y = np.round(4 * x), np.round(4 * y)
    return {"case": "kendall", "x": x.tolist(), "y": y.tolist(), "tau": float(stats.kendalltau(x, y).statistic)}


def tsne(n, d, count):
    plane = manifold.TSNE(method="exact", perplexity=30, init="pca", random_state=0)
    plane.fit(informative(n, d, count)[0])
    return {"case": "tsne", "images": n, "width": d, "classes": count, "class_of": classes_of(n, count).tolist(),
            "divergence": float(plane.kl_divergence_)}


def main():
    lines = [{"case": "made_by", "numpy": np.__version__, "scipy": scipy.__version__,
              "sklearn": sklearn.__version__}]
    for n, d, count in ((40, 12, 3), (60, 5, 4), (24, 30, 2)):
        x, y = informative(n, d, count)
        lines.append({"case": "layer", "images": n, "width": d, "classes": count, "class_of": y.tolist(),
                      "log_me": log_me(x, y, count), "h_score": h_score(x, y, count), "alpha_req": alpha_req(x)})
    for n, d, e in ((40, 12, 7), (10, 32, 20), (20, 6, 40)):
        x, other = features("full", n, d), features("low_rank", n, e)
        lines.append({"case": "cka", "images": n, "width": d, "other": e, "value": cka(x, other)})
    lines += [kendall(12, False), kendall(25, True), tsne(150, 12, 3), tsne(300, 40, 4)]
    out = pathlib.Path(__file__).parent / "layers.jsonl"
    out.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
