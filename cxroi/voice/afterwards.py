"""What customers did after they wrote: outcomes of a panel, set beside the comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from .comments import Comments

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..study.declared import Study

KEYS = ["customer", "wave"]
Outcomes = Mapping[str, "tuple[Floats, Floats | None]"]


def afterwards(comments: Comments, outcomes: pd.DataFrame | None, study: Study) -> Outcomes:
    """Return, by outcome, what came after each comment and what was before; NaN if not known.

    Of several answers of a customer in a wave, what followed is known of the one that counts, as
    in the panel.

    Raises
    ------
    ModelError
        The outcomes are of other answers, or do not say whose and of which wave they are.
    """
    if outcomes is None:
        return {}
    base = "responses" if study.dated else "customers"
    if comments.score.table != base:
        raise ModelError(
            f"outcomes of {base} are set against comments of {comments.score.table}",
            "both are of the same answers",
            "Leave the outcomes out, or choose the score of [scale]",
        )
    if missing := [key for key in KEYS if key not in outcomes]:
        raise ModelError(
            f"the outcomes have no column {missing[0]!r}", "customer and wave, as a panel has them"
        )
    found = _beside(comments, outcomes, study)
    made: dict[str, tuple[Floats, Floats | None]] = {}
    for outcome in study.outcomes:
        after, before = (_column(found, f"{outcome.name}_{when}") for when in ("after", "before"))
        if after is not None:
            made[outcome.name] = (after, before)
    return made


def _column(found: pd.DataFrame, name: str) -> Floats | None:
    return found[name].to_numpy(dtype=float, na_value=np.nan) if name in found else None


def _beside(comments: Comments, outcomes: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the rows of outcomes that belong to the comments, in the order of these."""
    latest = study.answers != "first"
    answers = comments.answers[[*KEYS, "moment", "score", "answer"]].astype({"wave": str})
    order = ["moment", "score", "answer"] if answers["moment"].notna().any() else ["answer"]
    counted = answers.sort_values(
        order, ascending=[not latest, *[True] * (len(order) - 1)], kind="stable"
    ).drop_duplicates(KEYS)
    one_each = outcomes.astype({"wave": str}).drop_duplicates(KEYS)
    both = counted[[*KEYS, "answer"]].merge(one_each, on=KEYS, how="left", suffixes=("", "_panel"))
    written = comments.answers["answer"].to_numpy()[comments.place]
    return both.set_index("answer").reindex(written)
