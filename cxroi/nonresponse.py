"""Who did not answer: the chance of answering, weights made of it, and the balance they bring.

Each answer stands for customers like it who were asked and did not answer: its weight is the
response rate over the chance that such a customer answers (inverse probability weighting:
Horvitz and Thompson, JASA 47 (1952), 663-685; Seaman and White, Statistical Methods in Medical
Research 22 (2013), 278-295). It mends what the columns of the response model can tell; where
answering hangs on the score itself, as between customers alike in those columns, it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import influence
from .covariates import FrameSource
from .design_matrix import Controls, baseline_name, lay_out, quantity_name
from .errors import ModelError
from .estimate import CONF_LEVEL, Estimate, TidyMixin
from .fit import Fit, fit_glm
from .invitations import Invitations, read_invitations

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats
    from .panel import Panel
    from .study import Study

TRIM_SHARE = 0.99
ENTRY = "nonresponse.response_rate"
LIMIT = "Weights do not mend it where people answered, or not, because of how content they were."
ONCE = "Each customer counts once a quarter, at the first invitation in it."


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
    unmatched
        Answers of the panel that belong to no invitation; their weight is 1.
    trimmed
        Number of weights cut down to `cap`, their 99 per cent quantile.
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
    unmatched: int
    trimmed: int
    cap: float
    model: Any = field(compare=False)
    method: str
    notes: tuple[str, ...]

    @property
    def effective(self) -> float:
        """Number of equally weighted answers that the rows of the panel are worth."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

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
            f"are worth {self.effective:,.0f}. {LIMIT}"
        )

    def tidy(self) -> pd.DataFrame:
        """Return the table of balance."""
        return self.balance

    def _largest(self, column: str) -> str:
        worst = int(np.argmax(self.balance[column].abs()))
        row = self.balance.iloc[worst]
        return f"{abs(row[column]):.2f} SD ({row['control']})"


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
    invitations = read_invitations(panel)
    answered = invitations.answered
    controls = _controls(panel.study, invitations)
    fit = _fit(invitations, controls)
    given, cap, trimmed = _weigh(fit.mean(_design(controls)), answered)
    cut = (
        [f"{trimmed:,} of {answered.sum():,} weights cut to {cap:.2f}, their 99 % quantile."]
        if trimmed
        else []
    )
    weights, in_panel = _align(invitations, given, panel.frame, "answers of the panel")
    scores, in_score = _align(invitations, given, panel.scores, "answers in the score")
    return Nonresponse(
        invited=len(answered),
        answered=int(answered.sum()),
        response_rate=_response_rate(invitations),
        balance=_balance(invitations, controls, given),
        weights=weights,
        score_weights=scores,
        unmatched=int(np.isnan(invitations.for_answers(given, panel.frame["response"])).sum()),
        trimmed=trimmed,
        cap=cap,
        model=fit.results,
        method=(
            "response weights: response rate over the chance of answering (logit, "
            f"{len(controls.names)} columns), trimmed at the 99 % quantile, taken as known"
        ),
        notes=(ONCE, *invitations.notes, *controls.notes, *cut, *in_panel, *in_score),
    )


def reweighted(panel: Panel, nonresponse: Nonresponse) -> Panel:
    """Return the panel with its weights multiplied by the response weights.

    Survey weights stay in as a factor; where these already make up for those who did not
    answer, they would do so twice.
    """
    weights = panel.frame["weight"] * nonresponse.weights
    scores = panel.scores["weight"] * nonresponse.score_weights
    return panel.with_frame(panel.frame.assign(weight=weights), panel.scores.assign(weight=scores))


def _controls(study: Study, invitations: Invitations) -> Controls:
    controls = lay_out(FrameSource(invitations.frame), invitations.attributes, study)
    if controls.names:
        return controls
    raise ModelError(
        "nothing is known of the customers who did not answer",
        "weights need attributes of all customers, or events before the invitation",
        "Declare attributes of [tables.customers] in [controls] columns, or an orders table",
    )


def _design(controls: Controls) -> Floats:
    return np.column_stack([np.ones(len(controls.matrix)), controls.matrix])


def _fit(invitations: Invitations, controls: Controls) -> Fit:
    return fit_glm(
        "logit",
        invitations.answered.astype(float),
        _design(controls),
        ["intercept", *controls.names],
        np.ones(len(controls.matrix)),
        invitations.customers,
        outcome="answered",
    )


def _weigh(chance: Floats, answered: Flags) -> tuple[Floats, float, int]:
    """Return weights (zero without an answer), what they were cut down to, and how many were."""
    weights = np.where(answered, answered.mean() / chance, 0.0)
    cap = float(np.quantile(weights[answered], TRIM_SHARE))
    return np.minimum(weights, cap), cap, int((weights > cap).sum())


def _align(
    invitations: Invitations, given: Floats, part: pd.DataFrame, what: str
) -> tuple[Floats, list[str]]:
    """Return the weight of each answer, 1 for those of no invitation, with a note of these."""
    weights = invitations.for_answers(given, part["response"])
    unknown = np.isnan(weights)
    note = (
        f"{int(unknown.sum()):,} of {len(part):,} {what} belong to no invitation looked at and "
        "keep the weight 1."
    )
    return np.where(unknown, 1.0, weights), [note] if unknown.any() else []


def _response_rate(invitations: Invitations) -> Estimate:
    answered = invitations.answered.astype(float)
    share, psi = influence.mean(answered, np.ones(len(answered)))
    error = influence.std_error(psi, invitations.customers)
    low, high = influence.logit_interval(share, error, CONF_LEVEL)
    method = "customers who answered over customers invited, each once a quarter; logit interval"
    unit, n = "share of customers invited", len(answered)
    return Estimate(ENTRY, share, low, high, error, unit, n, method, term="response rate")


def _balance(invitations: Invitations, controls: Controls, given: Floats) -> pd.DataFrame:
    """Hold the means of those who answered against those of the invited, column by column."""
    import pandas as pd

    rows = []
    for label, values in _readable(invitations.frame, controls):
        invited, spread = values.mean(), values.std()
        plain, weighted = values[invitations.answered].mean(), np.average(values, weights=given)
        rows.append(
            {
                "control": label,
                "mean_invited": invited,
                "mean_answered": plain,
                "mean_weighted": weighted,
                "smd_before": (plain - invited) / spread,
                "smd_after": (weighted - invited) / spread,
            }
        )
    return pd.DataFrame(rows)


def _readable(frame: pd.DataFrame, controls: Controls) -> Iterator[tuple[str, Floats]]:
    """Yield the columns of the response model in their own units, under plain names.

    Quantities as they are (missing ones at the mean), not per standard deviation; baselines as
    amounts and counts, not as their arcsinh.
    """
    plain = {}
    for column in frame.columns:
        if column.startswith("attr_"):
            name = column.removeprefix("attr_")
            plain[quantity_name(name)] = (name, column)
        elif column.endswith("_before"):
            plain[baseline_name(column)] = (column.replace("_", " "), column)
    for position, name in enumerate(controls.names):
        if name in plain:
            label, column = plain[name]
            values = frame[column].to_numpy(dtype=float)
            yield label, np.where(np.isfinite(values), values, np.nanmean(values))
        else:
            yield name, controls.matrix[:, position]
