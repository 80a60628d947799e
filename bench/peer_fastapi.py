# SPDX-License-Identifier: Apache-2.0
"""The peer of POST /score: FastAPI takes a lead, pydantic checks it, xgboost scores it; the model is loaded once.

    FOREST=forest.json uvicorn peer_fastapi:app --workers PROCESSORS --port PORT --no-access-log

It asks the same trees as our server (forest.json of a model's folder is XGBoost's format), of a row as wide. Into this row go
the numbers and categories that come; none of the columns that our server makes out of texts, so it has less to do. Needs
fastapi, uvicorn (with uvloop and httptools), pydantic, xgboost, numpy."""
import os

import numpy as np
import xgboost as xgb
from fastapi import FastAPI
from pydantic import BaseModel

BOOSTER = xgb.Booster(model_file=os.environ["FOREST"])
BOOSTER.set_param({"nthread": 1})
WIDTH = BOOSTER.num_features()
NUMBERS = {"recency_days": 0, "page_views": 1, "time_spent": 2}
PLACE = {("source", "Referral"): 3, ("source", "Web"): 4, ("region", "EU"): 5, ("region", "US"): 6}
app = FastAPI()


class LeadInput(BaseModel):
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    source: str | None = None
    region: str | None = None
    role: str | None = None
    campaign: str | None = None
    recency_days: float | None = None
    page_views: float | None = None
    time_spent: float | None = None
    last_touch: str | None = None
    prior_course_interest: str | None = None
    search_keywords: str | None = None
    course_actions: str | None = None


class Score(BaseModel):
    heat: str
    score: int
    probability: float


@app.get("/livez")
async def livez():
    return {"status": "ok"}


@app.post("/api/v1/score", response_model=Score)
async def score(lead: LeadInput):
    row = np.full((1, WIDTH), np.nan, dtype=np.float32)
    for name, at in NUMBERS.items():
        value = getattr(lead, name)
        if value is not None:
            row[0, at] = value
    for column in ("source", "region"):
        at = PLACE.get((column, getattr(lead, column)))
        if at is not None:
            row[0, at] = 1
    p = float(BOOSTER.inplace_predict(row)[0])
    return Score(heat="hot" if p > 0.6 else "warm" if p > 0.3 else "cold", score=round(p * 100), probability=p)
