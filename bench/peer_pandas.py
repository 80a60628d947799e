#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The peer that a data scientist would write: pandas reads, xgboost scores, pandas writes.

    peer_pandas.py train TRAIN.csv TARGET MODEL_DIR      one-hot, 200 trees of depth 5
    peer_pandas.py score IN.csv MODEL_DIR OUT.csv

Debian's python3-pandas and python3-xgboost."""
import json
import os
import sys

import pandas as pd
import xgboost as xgb

DROP = {"Prospect ID", "Lead Number", "Tags", "Lead Quality", "Lead Profile", "Last Step", "Last Notable Step",
        "Activity Index", "Profile Index", "Activity Score", "Profile Score"}


def encode(df, columns=None):
    x = pd.get_dummies(df, columns=df.select_dtypes("object").columns, dtype="uint8")
    return x if columns is None else x.reindex(columns=columns, fill_value=0)


def train(path, target, folder):
    df = pd.read_csv(path)
    y = df[target]
    x = encode(df.drop(columns=[target, *(DROP & set(df.columns))]))
    x.columns = [f"f{i}_" + "".join(c if c.isalnum() else "_" for c in name) for i, name in enumerate(x.columns)]
    raw = list(encode(df.drop(columns=[target, *(DROP & set(df.columns))])).columns)
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 5, "eta": 0.1, "tree_method": "hist"},
                        xgb.DMatrix(x, y), 200)
    os.makedirs(folder, exist_ok=True)
    booster.save_model(os.path.join(folder, "model.json"))
    with open(os.path.join(folder, "columns.json"), "w") as f:
        json.dump({"raw": raw, "named": list(x.columns), "target": target}, f)


def score(path, folder, out):
    with open(os.path.join(folder, "columns.json")) as f:
        columns = json.load(f)
    booster = xgb.Booster(model_file=os.path.join(folder, "model.json"))
    df = pd.read_csv(path)
    x = encode(df.drop(columns=[columns["target"], *(DROP & set(df.columns))]), columns["raw"])
    x.columns = columns["named"]
    df["probability"] = booster.predict(xgb.DMatrix(x))
    df.to_csv(out, index=False)


{"train": train, "score": score}[sys.argv[1]](*sys.argv[2:])
