"""Who did not answer: the chance of answering, weights made of it, and the balance they bring.

Each answer stands for customers like it who were asked and did not answer: its weight is the
response rate over the chance that such a customer answers (inverse probability weighting:
Horvitz and Thompson, JASA 47 (1952), 663-685; Seaman and White, Statistical Methods in Medical
Research 22 (2013), 278-295). It mends what the columns of the response model can tell; where
answering hangs on the score itself, as between customers alike in those columns, it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..models.controls import Controls, lay_out
from ..models.fit import Fit, fit_glm
from ..moments import influence
from ..moments.columns import Column, Rows
from ..moments.covariates import RowsSource
from ..moments.design import Design
from ..moments.order_statistics import among, quantile
from ..panel.rows import RESPONSE_WEIGHTS, make_draft
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.on_demand import FITTED, LATER, later, on_demand
from .balance import balance
from .invitations import Invitations, read_invitations

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Vector
    from ..panel.panel import Panel
    from ..study.declared import Study

TRIM_SHARE = 0.99
UNMATCHED = ("answers of the panel", "answers in the score")
ENTRY = "nonresponse.response_rate"
LIMIT = "If how content people are decides whether they answer, weights do not correct for it."
ONCE = "Each customer counts once a quarter, at the first invitation in it."


@on_demand
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
    weighed, effective
        Rows of the panel, and the number of equally weighted answers that they are worth.
    """

    invited: int
    answered: int
    response_rate: Estimate
    balance: pd.DataFrame = field(compare=False)
    weights: Vector = field(compare=False, metadata=FITTED)
    score_weights: Vector = field(compare=False, metadata=FITTED)
    unmatched: int
    trimmed: int
    cap: float
    model: Any = field(compare=False, metadata=FITTED)
    method: str
    notes: tuple[str, ...]
    weighed: int
    effective: float = field(metadata=LATER)

    @property
    def design_effect(self) -> float:
        """How many times the variance grows by uneven weights: 1 + cv^2 (Kish 1992)."""
        return self.weighed / self.effective

    @property
    def sentence(self) -> str:
        """How far those who answered differ from the invited, before and after weighting."""
        before, after = (self._largest(column) for column in ("smd_before", "smd_after"))
        return (
            f"Those who answered differ from the {self.invited:,} invited by at most {before}; "
            f"after weighting by at most {after}. Weighted, the {self.weighed:,} answers "
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
    design, names = _design(controls)
    fit = _fit(invitations, design, names)
    given, cap, trimmed = _weigh(fit.mean(design), answered)
    cut = (
        [f"{trimmed:,} of {answered.sum():,.0f} weights cut to {cap:.2f}, their 99 % quantile."]
        if trimmed
        else []
    )
    weights, score_weights, unmatched = _align(panel, invitations, given)
    unknown = zip(unmatched, (weights, score_weights), UNMATCHED, strict=True)
    return Nonresponse(
        invited=invitations.source.count,
        answered=int(answered.sum()),
        response_rate=_response_rate(invitations),
        balance=balance(invitations.source, controls, invitations.answered, given),
        weights=weights,
        score_weights=score_weights,
        unmatched=unmatched[0],
        trimmed=trimmed,
        cap=cap,
        model=fit.results,
        method=(
            "response weights: response rate over the chance of answering (logit, "
            f"{len(controls.names)} columns), trimmed at the 99 % quantile, taken as known"
        ),
        notes=(
            ONCE,
            *invitations.notes,
            *controls.notes,
            *cut,
            *(
                f"{lost:,} of {len(among):,} {what} belong to no invitation looked at and keep "
                "the weight 1."
                for lost, among, what in unknown
                if lost
            ),
        ),
        weighed=len(weights),
        effective=later(lambda: _effective(weights)),
    )


def _effective(weights: Vector) -> float:
    return float(weights.sum() ** 2 / (weights * weights).sum())


def reweighted(panel: Panel, nonresponse: Nonresponse) -> Panel:
    """Return the panel with its weights multiplied by the response weights.

    Survey weights stay in as a factor; where these already make up for those who did not
    answer, they would do so twice.
    """
    if isinstance(nonresponse.weights, Column):
        rows, answers = nonresponse.weights.rows, nonresponse.score_weights.rows
        return replace(panel, rows=rows, answer_rows=answers, replaced=True)
    weights = panel.frame["weight"] * nonresponse.weights
    scores = panel.scores["weight"] * nonresponse.score_weights
    return panel.with_frame(panel.frame.assign(weight=weights), panel.scores.assign(weight=scores))


def _controls(study: Study, invitations: Invitations) -> Controls:
    controls = lay_out(invitations.source, invitations.attributes, study)
    if controls.names:
        return controls
    raise ModelError(
        "nothing is known of the customers who did not answer",
        "weights need attributes of all customers, or events before the invitation",
        "Declare attributes of [tables.customers] in [controls] columns, or an orders table",
    )


def _design(controls: Controls) -> tuple[Any, list[str]]:
    """Return intercept and controls side by side, with their names."""
    names, matrix = ["intercept", *controls.names], controls.matrix
    if isinstance(matrix, Design):
        return matrix.after([np.ones(matrix.rows.cell_count)], names), names
    return np.column_stack([np.ones(len(matrix)), matrix]), names


def _fit(invitations: Invitations, design: Any, names: list[str]) -> Fit:
    source = invitations.source
    one = source.rows.column("1e0") if isinstance(source, RowsSource) else np.ones(source.count)
    values, customers = np.where(invitations.answered, 1.0, 0.0), invitations.customers
    return fit_glm("logit", values, design, names, one, customers, outcome="answered")


def _weigh(chance: Vector, answered: Vector) -> tuple[Vector, float, int]:
    """Return weights (zero without an answer), what they were cut down to, and how many were."""
    rate = float(answered.sum()) / len(answered)
    weights = np.where(answered, rate / chance, 0.0)
    cap = quantile(among(weights, answered), None, TRIM_SHARE)
    return np.minimum(weights, cap), cap, int((weights > cap).sum())


def _align(
    panel: Panel, invitations: Invitations, given: Vector
) -> tuple[Vector, Vector, tuple[int, int]]:
    """Return the weight of each row of the panel and of each answer in the score.

    It is 1 for answers of no invitation; how many of either these are comes last.
    """
    parts: list[tuple[Vector, int]]
    if panel.rows is None or panel.answer_rows is None:
        parts = [_align_array(invitations, given, part) for part in (panel.frame, panel.scores)]
    else:
        rows, name = given.rows, f"{given.rows.relation}_given"
        inner = {"invitation": rows.column("invitation"), "given": given}
        rows.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows.text(['*'], inner)}")
        answers = panel.rows, panel.answer_rows
        parts = [_align_rows(part, str(invitations.replies), name) for part in answers]
    (weights, lost), (scores, lost_scores) = parts
    return weights, scores, (lost, lost_scores)


def _align_array(invitations: Invitations, given: Vector, part: pd.DataFrame) -> tuple[Floats, int]:
    import pandas as pd

    source, replies = invitations.source, invitations.replies
    if isinstance(source, RowsSource) or isinstance(replies, str):
        raise ValueError("the rows of the panel are in memory, the invitations are not")
    by_invitation = pd.Series(given, index=source.frame["invitation"])
    by_answer = replies.set_index("response")["invitation"].map(by_invitation)
    weights = np.asarray(by_answer.reindex(part["response"]), dtype=np.float64)
    unknown = np.isnan(weights)
    return np.where(unknown, 1.0, weights), int(unknown.sum())


def _align_rows(part: Rows, replies: str, given: str) -> tuple[Column, int]:
    """Put the weights beside the rows, and their product with the survey weights."""
    name, own = f"{part.relation}_answered", RESPONSE_WEIGHTS[-1]
    before = f" EXCLUDE ({', '.join(RESPONSE_WEIGHTS)})" if part.weight == own else ""
    part.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT r.*{before}, g.given IS NULL AS uninvited, "
        "coalesce(g.given, 1e0) AS response_weight, "
        f"r.{part.weight} * coalesce(g.given, 1e0) AS answered_weight "
        f"FROM {part.relation} AS r LEFT JOIN {replies} AS a ON a.response = r.response "
        f"LEFT JOIN {given} AS g ON g.invitation = a.invitation"
    )
    draft = make_draft(part.engine, name, f"{name}_draft", part.count)
    rows = replace(part, relation=name, draft=draft, weight=own)
    return rows.column("response_weight"), int(rows.flag("uninvited").sum())


def _response_rate(invitations: Invitations) -> Estimate:
    answered = np.where(invitations.answered, 1.0, 0.0)
    share, psi = influence.mean(answered, 0.0 * answered + 1.0)
    error = influence.std_error(psi, invitations.customers)
    low, high = influence.logit_interval(share, error, CONF_LEVEL)
    method = "customers who answered over customers invited, each once a quarter; logit interval"
    unit, n = "share of customers invited", len(answered)
    return Estimate(ENTRY, share, low, high, error, unit, n, method, term="response rate")
