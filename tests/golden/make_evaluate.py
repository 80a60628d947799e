#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes evaluate.json: small inputs and what scikit-learn says about them.

Made with Debian 12's packages: Python 3.11.2, scikit-learn 1.2.1, NumPy 1.24.2. The tests read
the file and need no Python. Tolerances, where the test compares: figures 1e-12, weights of the
logistic regression 1e-6 (both sides stop at a gradient, not at the optimum).

    /usr/bin/python3 tests/golden/make_evaluate.py"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (accuracy_score, average_precision_score, brier_score_loss,
                             confusion_matrix, log_loss, precision_recall_curve, roc_auc_score,
                             roc_curve)


def bins(y, p, strategy):
    rate, mean = calibration_curve(y, p, n_bins=10, strategy=strategy)
    edges = (np.linspace(0, 1, 11) if strategy == "uniform"
             else np.percentile(p, np.linspace(0, 1, 11) * 100))
    counts = np.bincount(np.searchsorted(edges[1:-1], p), minlength=10)
    counts = counts[counts > 0]
    return {"rate": rate.tolist(), "mean_p": mean.tolist(), "n": counts.tolist(),
            "ece": float(np.sum(counts * np.abs(rate - mean)) / len(y))}


def case(name, p, y):
    p, y = np.asarray(p, float), np.asarray(y, int)
    tn, fp, fn, tp = confusion_matrix(y, p >= .3).ravel()
    return {"name": name, "p": p.tolist(), "y": y.tolist(),
            "roc_auc": roc_auc_score(y, p), "pr_auc": average_precision_score(y, p),
            "log_loss": log_loss(y, p), "brier": brier_score_loss(y, p),
            "uniform": bins(y, p, "uniform"), "quantile": bins(y, p, "quantile"),
            "confusion_at_30": [int(v) for v in (tp, fp, fn, tn)]}


def curves(p, y):
    """Where the drawn curves must lie: true positives at given false positives, and so on."""
    fpr, tpr, _ = roc_curve(y, p, drop_intermediate=False)
    precision, recall, _ = precision_recall_curve(y, p)
    return {"p": p.tolist(), "y": y.tolist(), "fpr": fpr.tolist(), "tpr": tpr.tolist(),
            "precision": precision.tolist(), "recall": recall.tolist()}


def classes(rng):
    raw = rng.dirichlet([1.2, 1, 2], 90).round(5)
    raw[:, 2] = 1 - raw[:, 0] - raw[:, 1]
    y = np.array([rng.choice(3, p=row / row.sum()) for row in np.abs(raw)])
    return {"p": raw.tolist(), "y": y.tolist(),
            "log_loss": log_loss(y, raw, labels=[0, 1, 2]),
            "accuracy": accuracy_score(y, raw.argmax(1)),
            "confusion": confusion_matrix(y, raw.argmax(1), labels=[0, 1, 2]).tolist(),
            "roc_auc": [roc_auc_score(y == c, raw[:, c]) for c in range(3)]}


def logistic(rng):
    n = 240
    number = rng.normal(50, 20, n).astype(np.float32)
    wide = np.exp(rng.normal(0, 2, n)).astype(np.float32)
    wide[rng.random(n) < .15] = np.nan
    level = rng.choice(5, n, p=[.1, .5, .25, .13, .02])
    z = -1 + .04 * (number - 50) + (level == 2) - .8 * np.isnan(wide)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)

    def standard(v):
        v = v.astype(float)
        s = (v - np.nanmean(v)) / np.nanstd(v)
        return np.nan_to_num(np.clip(s, -5, 5), nan=0.0)

    # Columns in the order of our weights: levels by number of rows, those with ten or more.
    counts = np.bincount(level, minlength=5)
    order = [c for c in sorted(range(5), key=lambda c: (-counts[c], c)) if counts[c] >= 10]
    x = np.column_stack([standard(number), standard(wide), np.isnan(wide)] +
                        [level == c for c in order]).astype(float)
    m = LogisticRegression(C=1, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(x, y)
    return {"number": number.tolist(), "wide": [None if np.isnan(v) else float(v) for v in wide],
            "level": level.tolist(), "y": y.tolist(),
            "weights": [float(m.intercept_[0])] + m.coef_[0].tolist(),
            "p": m.predict_proba(x)[:, 1].tolist()}


def main():
    rng = np.random.default_rng(7)
    p = rng.beta(1, 4, 300).round(6)
    y = rng.random(300) < p
    ties = rng.choice([.02, .1, .3, .30001, .7, 1.0, 0.0], 200)
    wide = rng.random(120).round(3)
    out = {
        "made_by": {"scikit-learn": sklearn.__version__, "numpy": np.__version__,
                    "script": "tests/golden/make_evaluate.py"},
        "cases": [
            case("like leads", p, y),
            case("ties, zero and one", ties, rng.random(200) < .05 + .8 * ties),
            case("badly calibrated", wide, rng.random(120) < wide ** 3),
            case("nine rows", [.1, .9, .4, .4, .35, .8, .2, .2, .6],
                 [0, 1, 0, 1, 0, 1, 0, 1, 0]),
            case("upside down", 1 - p[:80], rng.random(80) < p[:80]),
        ],
        "curves": curves(p[:60], y[:60].astype(int)),
        "classes": classes(rng),
        "logistic": logistic(rng),
    }
    path = pathlib.Path(__file__).with_name("evaluate.json")
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
