"""A study whose orders are in whatever file or table a test is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cxroi as cx

STUDY = """
[study]
name = "files"
complete_until = 2026-06-30
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "day"
[tables.orders]
customer = "id"
ordered_at = "day"
amount = "amount"
{}
[windows]
baseline_days = 30
outcome_days = 30
"""
RESPONSES = "id,nps,day\na1,9,2026-01-15\na2,7,2026-01-15\nMüller,7,2026-01-15\n"


def read(folder: Path, orders: str, **frames: Any) -> cx.Tables:
    """Read the study, of which `orders` is what [tables.orders] says besides."""
    (folder / "responses.csv").write_text(RESPONSES, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY.format(orders), encoding="utf-8")
    return cx.read_tables(cx.load_study(folder / "study.toml"), frames=frames)
