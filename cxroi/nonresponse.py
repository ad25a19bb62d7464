"""Who did not answer: the chance of answering, weights made of it, and the balance they bring.

Each answer stands for customers like it who were asked and did not answer: its weight is the
response rate over the chance that such a customer answers (inverse probability weighting:
Horvitz and Thompson, JASA 47 (1952), 663-685; Seaman and White, Statistical Methods in Medical
Research 22 (2013), 278-295). It mends what the columns of the response model can tell; where
answering hangs on the score itself, as between customers alike in those columns, it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import influence
from .design_matrix import Controls, baseline_name, lay_out, quantity_name
from .errors import ModelError, ScarceDataError
from .estimate import CONF_LEVEL, Estimate, TidyMixin
from .fit import Fit, fit_glm
from .nonresponse_sql import (
    answer_days,
    answers_of_invited,
    baselines,
    invitations_dated,
    invited_once,
    population,
)
from .panel_sql import EVENTS, continued, one_per_wave
from .sample import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats
    from .panel import Panel
    from .study import Study

TRIM_SHARE = 0.99
ENTRY = "nonresponse.response_rate"
DECLARE = "Declare [tables.invitations] with path, customer and invited_at"


@dataclass(frozen=True, repr=False)
class Nonresponse(TidyMixin):
    """Those who answered held against all who were invited, and the weights that even them out.

    Attributes
    ----------
    invited, answered
        Customers invited, each once a quarter, and those of them who answered.
    response_rate
        Their share, with its interval.
    balance
        One row a column of the response model, in its own unit: ``mean_invited``,
        ``mean_answered``, ``mean_weighted``, and the standardised mean differences from the
        invited before (``smd_before``) and after weighting (``smd_after``), divided by the
        standard deviation among the invited.
    weights, score_weights
        Response weight of each row of ``panel.frame`` and of ``panel.scores``, about one on
        average; 1 for an answer to no known invitation.
    effective
        Number of equally weighted answers that the rows of the panel are worth.
    trimmed
        Weights cut down to `cap`, their 99 per cent quantile.
    unmatched
        Rows of the panel that answer no known invitation.
    model
        statsmodels results of the response model, for `summary()`.
    notes
        What was left out, merged or trimmed, in sentences.
    """

    invited: int
    answered: int
    response_rate: Estimate
    balance: pd.DataFrame = field(compare=False)
    weights: Floats = field(compare=False)
    score_weights: Floats = field(compare=False)
    effective: float
    trimmed: int
    cap: float
    unmatched: int
    model: Any = field(compare=False)
    method: str
    notes: tuple[str, ...]

    @property
    def design_effect(self) -> float:
        """How many times the variance grows by uneven weights: 1 + cv^2 (Kish 1992)."""
        return len(self.weights) / self.effective

    @property
    def sentence(self) -> str:
        """How far those who answered differ from the invited, before and after weighting."""
        before, after = (self._largest(column) for column in ("smd_before", "smd_after"))
        return (
            f"Those who answered differ from the {self.invited:,} invited by at most {before}; "
            f"after weighting by at most {after}. Weighted, the {len(self.weights):,} answers "
            f"are worth {self.effective:,.0f}."
        )

    def tidy(self) -> pd.DataFrame:
        """Return the table of balance."""
        return self.balance

    def _largest(self, column: str) -> str:
        sizes = self.balance[column].abs()
        return f"{sizes.max():.2f} SD ({self.balance['control'][sizes.idxmax()]})"


def weigh_responses(panel: Panel) -> Nonresponse:
    """Model who answers, of the customers invited, and weigh the answers by it.

    The invited are customers in the customers table, with an active subscription where churn is
    a cancellation, each taken once a calendar quarter, at the first invitation; an answer
    replies to the latest invitation before it, within 90 days or the outcome window if that is
    shorter. The logit of answering has the columns of the regressions: attributes in
    [controls] that are known of every customer, and what happened in the baseline window before
    the invitation. Weights above their 99 per cent quantile are set to it (Potter, Proceedings
    of the Section on Survey Research Methods, ASA (1990), 225-230); the effective number of
    answers is (sum w)^2 / sum w^2 (Kish, Journal of Official Statistics 8 (1992), 183-200).

    Raises
    ------
    ModelError
        Undated study, no (dated) invitations, nobody or everybody answered, nothing known of
        those who did not, or a response model that cannot be fitted (separation, collinearity).
    ScarceDataError
        Fewer than 30 who answered, or who did not.
    """
    study = panel.study
    _refuse_undated(study)
    frame, places = _collect(panel)
    answered = frame["answered"].to_numpy(dtype=bool)
    left_out = tuple(_left_out(panel))
    _refuse_scarce(answered, left_out)
    attributes = _attributes(study)
    controls = lay_out(frame, attributes, study.categorical)
    if not controls.names:
        raise ModelError(
            "nothing is known of the customers who did not answer",
            "weights need attributes of all customers, or events before the invitation",
            "Declare attributes of [tables.customers] in [controls], or an orders table",
        )
    fit, chance = _model(frame, controls, answered)
    raw = answered.mean() / chance
    cap = float(np.quantile(raw[answered], TRIM_SHARE))
    trimmed = int((raw[answered] > cap).sum())
    given = np.where(answered, np.minimum(raw, cap), 0.0)
    by_answer = places.map(dict(enumerate(given)))
    weights, scores = (
        by_answer.reindex(part["response"]).to_numpy(dtype=float)
        for part in (panel.frame, panel.scores)
    )
    unmatched, unmatched_scores = (int(np.isnan(part).sum()) for part in (weights, scores))
    notes = (
        *left_out,
        *_only_of_answers(study),
        *controls.notes,
        f"{trimmed:,} of {answered.sum():,} weights lay above {cap:.2f}, their "
        f"{100 * TRIM_SHARE:g} % quantile, and were set to it.",
        *_unmatched(unmatched, len(weights), "answers in the outcomes"),
        *_unmatched(unmatched_scores, len(scores), "answers in the score"),
    )
    weights, scores = np.nan_to_num(weights, nan=1.0), np.nan_to_num(scores, nan=1.0)
    return Nonresponse(
        invited=len(frame),
        answered=int(answered.sum()),
        response_rate=_response_rate(frame, answered),
        balance=_balance(frame, attributes, controls, answered, given),
        weights=weights,
        score_weights=scores,
        effective=float(weights.sum() ** 2 / (weights**2).sum()),
        trimmed=trimmed,
        cap=cap,
        unmatched=unmatched,
        model=fit.results,
        method=(
            f"response rate over the fitted chance of answering (logit, {len(controls.names)} "
            f"columns known of every customer), trimmed at the {100 * TRIM_SHARE:g} % quantile; "
            "weights treated as known"
        ),
        notes=notes,
    )
