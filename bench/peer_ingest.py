#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The peer of an upload: pandas reads, xgboost scores, sqlite3 keeps, in batches and as durable as ours.

    peer_ingest.py train HISTORY.csv FOLDER       one-hot of columns with few values, 200 trees of depth 5
    peer_ingest.py load LEADS.csv FOLDER TO.db    a column each, an index for the key, the score and six filters, full text

Needs pandas and xgboost. Prints rows, seconds and peak memory as JSON."""
import json
import os
import resource
import sqlite3
import sys
import time

import pandas as pd
import xgboost as xgb

NUMBERS = ["Visits", "Pages Viewed", "Minutes on Site", "Employees"]
CATEGORIES = ["Industry", "Country", "Lead Source", "Attended Webinar", "Newsletter"]
TEXTS = ["First Name", "Last Name", "Email", "Company", "Job Title", "Campaign"]


def encode(df, columns=None):
    x = pd.concat([df[NUMBERS].apply(pd.to_numeric, errors="coerce").astype("float32"),
                   pd.get_dummies(df[CATEGORIES].astype("string"), dtype="uint8")], axis=1)
    return x if columns is None else x.reindex(columns=columns, fill_value=0)


def train(path, folder):
    df = pd.read_csv(path)
    df = df[df["Status"].isin(["Won", "Lost"])]
    x = encode(df)
    named = x.set_axis([f"f{i}" for i in range(x.shape[1])], axis=1)
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 5, "eta": 0.1, "tree_method": "hist"},
                        xgb.DMatrix(named, (df["Status"] == "Won").astype(int)), 200)
    os.makedirs(folder, exist_ok=True)
    booster.save_model(os.path.join(folder, "model.json"))
    with open(os.path.join(folder, "columns.json"), "w") as f:
        json.dump(list(x.columns), f)


def load(path, folder, to):
    began = time.monotonic()
    with open(os.path.join(folder, "columns.json")) as f:
        columns = json.load(f)
    booster = xgb.Booster(model_file=os.path.join(folder, "model.json"))
    db = sqlite3.connect(to, isolation_level=None)
    db.execute("PRAGMA journal_mode = wal")
    db.execute("PRAGMA synchronous = full")
    rows = 0
    for df in pd.read_csv(path, chunksize=5000):
        x = encode(df, columns)
        p = booster.predict(xgb.DMatrix(x.set_axis([f"f{i}" for i in range(x.shape[1])], axis=1)))
        df["probability"] = p.astype(float)
        df["heat"] = pd.cut(df["probability"], [-1, 0.3, 0.6, 2], labels=["cold", "warm", "hot"]).astype(str)
        if rows == 0:
            names = ", ".join(f'"{c}"' for c in df.columns)
            db.execute(f'CREATE TABLE lead({names}, UNIQUE("Lead ID"))')
            for c in ("probability", "heat", "Lead Source", "Country", "Owner", "Created", "Last Name", "Email"):
                db.execute(f'CREATE INDEX "by {c}" ON lead("{c}")')
            db.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none)")
        records = df.astype(object).where(df.notna(), None).itertuples(index=False, name=None)
        texts = df[TEXTS].fillna("").agg(" ".join, axis=1)
        db.execute("BEGIN IMMEDIATE")
        db.executemany(f"INSERT INTO lead VALUES ({','.join('?' * len(df.columns))})", records)
        db.executemany("INSERT INTO words(rowid, text) VALUES (?, ?)", zip(range(rows + 1, rows + 1 + len(df)), texts))
        db.execute("COMMIT")
        rows += len(df)
    db.close()
    print(json.dumps({"rows": rows, "wall_s": time.monotonic() - began,
                      "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


{"train": train, "load": load}[sys.argv[1]](*sys.argv[2:])
