# SPDX-License-Identifier: Apache-2.0
"""The peer of POST /score: FastAPI takes a lead, pydantic checks it, xgboost scores it; the model is loaded once.

    MODEL=FOLDER uvicorn peer_fastapi:app --workers PROCESSORS --port PORT --no-access-log

FOLDER is made by peer_ingest.py train. Needs fastapi, uvicorn (with uvloop and httptools), pydantic, xgboost, numpy."""
import json
import os

import numpy as np
import xgboost as xgb
from fastapi import FastAPI
from pydantic import BaseModel

FOLDER = os.environ["MODEL"]
with open(os.path.join(FOLDER, "columns.json")) as f:
    PLACE = {name: i for i, name in enumerate(json.load(f))}
BOOSTER = xgb.Booster(model_file=os.path.join(FOLDER, "model.json"))
BOOSTER.set_param({"nthread": 1})
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
    row = np.zeros((1, len(PLACE)), dtype=np.float32)
    row[0, PLACE["Pages Viewed"]] = np.nan if lead.page_views is None else lead.page_views
    row[0, PLACE["Minutes on Site"]] = np.nan if lead.time_spent is None else lead.time_spent
    row[0, PLACE["Visits"]] = row[0, PLACE["Employees"]] = np.nan
    for column, value in (("Lead Source", lead.source), ("Country", lead.region)):
        at = PLACE.get(f"{column}_{value}")
        if at is not None:
            row[0, at] = 1
    p = float(BOOSTER.inplace_predict(row)[0])
    return Score(heat="hot" if p > 0.6 else "warm" if p > 0.3 else "cold", score=round(p * 100), probability=p)
