"""Who did not answer: the chance of answering, weights made of it, and the balance they bring.

Each answer stands for customers like it who were asked and did not answer: its weight is the
response rate over the chance that such a customer answers (inverse probability weighting:
Horvitz and Thompson, JASA 47 (1952), 663-685; Seaman and White, Statistical Methods in Medical
Research 22 (2013), 278-295). It mends what the columns of the response model can tell; where
answering hangs on the score itself, as between customers alike in those columns, it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..errors import ModelError
from ..models.controls import Controls, lay_out
from ..models.fit import Fit, fit_glm
from ..moments import influence
from ..moments.order_statistics import among, quantile
from ..panel.in_engine import RESPONSE_WEIGHTS, PanelEngineRows
from ..panel.rows import make_subsample
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.on_demand import FITTED, LATER, later, on_demand
from ..study.calendars import wave_word
from .balance import balance
from .invitations import Invitations, read_invitations

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Vector
    from ..moments.columns import Column
    from ..moments.design import Design
    from ..panel.panel import Panel, PanelRows
    from ..study.declared import Study

TRIM_SHARE = 0.99
UNMATCHED = ("answers of the panel", "answers in the score")
ENTRY = "nonresponse.response_rate"
LIMIT = "If how content people are decides whether they answer, weights do not correct for it."
ONCE = "Each customer counts once a {wave}, at the first invitation in it."


@on_demand
@dataclass(frozen=True, repr=False)
class Nonresponse(TidyMixin):
    """Those who answered held against all who were invited, and the weights that even them out.

    Attributes
    ----------
    invited, answered
        Customers invited, each once a wave, and those of them who answered.
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
    rows
        Of the panel and of its answers in an engine, with these weights; None in memory.
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
    rows: tuple[PanelRows, PanelRows] | None = field(compare=False, metadata=FITTED)
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
            f"Those who answered differ from the {self.invited:,} invited who can be followed up "
            f"by at most {before}; after weighting by at most {after}. Weighted, the "
            f"{self.weighed:,} answers "
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
    a cancellation, each taken once a wave, at the first invitation; an answer
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
    design = _design(controls, answered)
    fit = _fit(invitations, design)
    given, cap, trimmed = _weigh(fit.mean(design), answered)
    cut = (
        [f"{trimmed:,} of {answered.sum():,.0f} weights cut to {cap:.2f}, their 99 % quantile."]
        if trimmed
        else []
    )
    aligned = _align(panel, invitations, given)
    weights, score_weights = (one.weights for one in aligned)
    unmatched = [one.unmatched for one in aligned]
    rows = [one.rows for one in aligned if one.rows is not None]
    unknown = zip(unmatched, (weights, score_weights), UNMATCHED, strict=True)
    return Nonresponse(
        invited=invitations.source.count,
        answered=int(answered.sum()),
        response_rate=_response_rate(invitations, wave_word(panel.study)),
        balance=balance(invitations.source, controls, invitations.answered, given),
        weights=weights,
        score_weights=score_weights,
        rows=(rows[0], rows[1]) if rows else None,
        unmatched=unmatched[0],
        trimmed=trimmed,
        cap=cap,
        model=fit.results,
        method=(
            "response weights: response rate over the chance of answering (logit, "
            f"{len(controls.names)} columns), trimmed at the 99 % quantile, taken as known"
        ),
        notes=(
            ONCE.format(wave=wave_word(panel.study)),
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
    if nonresponse.rows is not None:
        rows, answers = nonresponse.rows
        return replace(panel, rows=rows, answer_rows=answers, replaced=True)
    weights = panel.frame["weight"] * cast("Floats", nonresponse.weights)
    scores = panel.scores["weight"] * cast("Floats", nonresponse.score_weights)
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


def _design(controls: Controls, answered: Vector) -> Design:
    """Return intercept and controls side by side."""
    return controls.matrix.behind_groups(answered, (), ["intercept", *controls.names])


def _fit(invitations: Invitations, design: Design) -> Fit:
    values = np.where(invitations.answered, 1.0, 0.0)
    return fit_glm("logit", values, design, design.one, invitations.customers, outcome="answered")


def _weigh(chance: Vector, answered: Vector) -> tuple[Vector, float, int]:
    """Return weights (zero without an answer), what they were cut down to, and how many were."""
    rate = float(answered.sum()) / len(answered)
    weights = np.where(answered, rate / chance, 0.0)
    cap = quantile(among(weights, answered), None, TRIM_SHARE)
    return np.minimum(weights, cap), cap, int((weights > cap).sum())


@dataclass(frozen=True)
class _Aligned:
    """The response weight of each row, 1 for answers of no invitation, and how many these are."""

    weights: Vector
    unmatched: int
    rows: PanelRows | None = None


def _align(panel: Panel, invitations: Invitations, given: Vector) -> list[_Aligned]:
    """Put the weights beside the rows of the panel, and beside the answers in the score."""
    replies = invitations.replies
    if not isinstance(replies, str):
        each = cast("tuple[Floats, Floats]", (invitations.source.values("invitation"), given))
        by_invitation = dict(zip(*each, strict=True))
        given_to = replies.set_index("response")["invitation"].map(by_invitation)
        return [_align_frame(given_to, part) for part in (panel.frame, panel.scores)]
    weights = cast("Column", given)
    rows, name = weights.rows, f"{weights.rows.relation}_given"
    inner = {"invitation": rows.column("invitation"), "given": weights}
    rows.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows.text(['*'], inner)}")
    both = (panel.rows, panel.answer_rows)
    return [_align_rows(r, replies, name) for r in both if isinstance(r, PanelEngineRows)]


def _align_frame(given_to: pd.Series[float], part: pd.DataFrame) -> _Aligned:
    weights = np.asarray(given_to.reindex(part["response"]), dtype=np.float64)
    unknown = np.isnan(weights)
    return _Aligned(np.where(unknown, 1.0, weights), int(unknown.sum()))


def _align_rows(part: PanelEngineRows, replies: str, given: str) -> _Aligned:
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
    draft = make_subsample(part.engine, name, f"{name}_subsample", part.count)
    rows = replace(part, relation=name, subsample=draft, weight=own)
    return _Aligned(rows.column("response_weight"), int(rows.flag("uninvited").sum()), rows)


def _response_rate(invitations: Invitations, wave: str) -> Estimate:
    answered = np.where(invitations.answered, 1.0, 0.0)
    share, psi = influence.mean(answered, 0.0 * answered + 1.0)
    error = influence.std_error(psi, invitations.customers)
    low, high = influence.logit_interval(share, error, CONF_LEVEL)
    method = f"customers who answered over customers invited, each once a {wave}; logit interval"
    unit, n = "share of customers invited", len(answered)
    return Estimate(ENTRY, share, low, high, error, unit, n, method, term="response rate")
