"""Writes what SciPy, statsmodels and scikit-learn say of small samples and of predictions: statistics.jsonl.

    pip install scipy==1.17.1 statsmodels==0.15.0 scikit-learn==1.9.1 && python tests/golden/make_statistics.py

Inputs stand beside the answers, so that tests/statistics/golden_test.cpp needs nothing else.
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

random = np.random.default_rng(20251201)


def student():
    points = [(p, df) for p in (0.001, 0.3, 0.9, 0.975, 0.9975, 0.999) for df in (1, 2, 4.5, 8, 30, 400)]
    tails = [(t, df) for t in (-3.1, -0.2, 0.0, 0.7, 2.5, 9.0) for df in (1, 2, 4.5, 8, 30, 400)]
    yield {"case": "quantiles", "probability_degrees": points, "t": [stats.t.ppf(p, df) for p, df in points]}
    yield {"case": "upper tails", "t_degrees": tails, "p": [stats.t.sf(t, df) for t, df in tails]}


def samples():
    """Differences of seeds: an interval of their mean and of the next one, and tests."""
    for n in (2, 3, 5, 9, 12):
        d = np.round(random.normal(0.012, 0.02, n), 4)
        low, high = stats.t.interval(0.95, n - 1, d.mean(), stats.sem(d))
        prediction = sm.OLS(d, np.ones(n)).fit().get_prediction([1.0])
        next_low, next_high = prediction.conf_int(obs=True, alpha=0.05)[0]
        described = DescrStatsW(d)
        flips = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf)
        yield {
            "case": f"sample of {n}", "values": d.tolist(), "ends": [low, high], "next_ends": [next_low, next_high],
            "p": stats.ttest_1samp(d, 0).pvalue,
            "above_1_point": stats.ttest_1samp(d, 0.01, alternative="greater").pvalue,
            "below_1_point": stats.ttest_1samp(d, 0.01, alternative="less").pvalue,
            "within_2_points": described.ttost_mean(-0.02, 0.02)[0], "sign_flip": flips.pvalue,
        }
    tied = np.array([0.01, -0.01, 0.02, 0.01, 0.03, 0.0])
    flips = stats.permutation_test((tied,), np.sum, permutation_type="samples", n_resamples=np.inf)
    yield {"case": "ties", "values": tied.tolist(), "sign_flip": flips.pvalue}


def clusters():
    """Three backbones of four seeds: a regression of the means of backbones on a constant."""
    cluster = np.repeat([0, 1, 2], 4)
    d = np.round(0.03 + random.normal(0, 0.02, 3)[cluster] + random.normal(0, 0.01, 12), 4)
    means = np.array([d[cluster == c].mean() for c in range(3)])
    fit = sm.OLS(means, np.ones(3)).fit()
    yield {"case": "clusters", "clusters": cluster.tolist(), "values": d.tolist(), "ends": fit.conf_int()[0].tolist(),
           "p": float(fit.pvalues[0])}


def corrections():
    p = np.round(random.uniform(0, 0.2, 12), 4).tolist() + [0.01, 0.01]
    yield {"case": "holm", "p": p, "adjusted": multipletests(p, method="holm")[1].tolist()}
    tables = [(0, 0), (1, 0), (3, 9), (40, 25), (12, 12), (210, 160)]
    yield {"case": "mcnemar", "only_one_right": tables,
           "p": [1.0 if b + c == 0 else float(mcnemar([[50, b], [c, 7]], exact=True).pvalue) for b, c in tables]}


def resampling():
    values = np.round(random.normal(0, 1, 41), 5)
    yield {"case": "percentiles", "values": values.tolist(), "ends": np.percentile(values, [2.5, 97.5]).tolist()}


def predictions():
    classes, n = 5, 120
    labels = random.integers(0, classes, n)
    said = np.where(random.uniform(size=n) < 0.6, labels, random.integers(0, classes - 1, n))
    recall = metrics.recall_score(labels, said, average=None)
    yield {"case": "classes", "labels": labels.tolist(), "predictions": said.tolist(), "by_class": recall.tolist(),
           "accuracy": metrics.accuracy_score(labels, said),
           "balanced_accuracy": metrics.balanced_accuracy_score(labels, said),
           "macro_f1": metrics.f1_score(labels, said, average="macro")}
    positive = labels == 2
    scores = np.round(random.normal(0, 1, n) + positive, 1)  # with ties
    yield {"case": "auroc", "scores": scores.tolist(), "positive": positive.tolist(),
           "auroc": metrics.roc_auc_score(positive, scores)}
    confidence = np.round(random.uniform(0.2, 1, n), 5)
    right = random.uniform(size=n) < confidence * 0.9
    share, mean = calibration_curve(right, confidence, n_bins=15, strategy="uniform")
    sizes, _ = np.histogram(confidence, np.linspace(0, 1, 16))
    sizes = sizes[sizes > 0]
    yield {"case": "calibration", "confidence": confidence.tolist(), "right": right.tolist(),
           "error": float(np.sum(sizes / n * np.abs(share - mean)))}


with open(pathlib.Path(__file__).parent / "statistics.jsonl", "w") as out:
    for part in (student, samples, clusters, corrections, resampling, predictions):
        for case in part():
            out.write(json.dumps(case) + "\n")
