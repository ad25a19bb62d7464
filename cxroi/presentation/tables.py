"""A result -> a table made for reading; never computes."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..effects.verdicts import USEFUL
from ..results.display import Table, Text, TidyMixin
from ..results.estimate import Estimate
from ..results.formats import (
    interval,
    months,
    percent,
    quantity,
    shown_p,
    spread,
    value_beside_interval,
)
from ..study.scenario import OF_REFERRALS
from .asking import worth_asking as worth_asking
from .grids import score_grid as score_grid
from .rungs import RUNGS
from .scenarios import SHARES, change_said
from .scenarios import scenarios as scenarios
from .segments import by_segment as by_segment
from .segments import segments_differ as segments_differ
from .sentences import answer
from .turning_points import assumed_causal

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..panel.overview import Overview
    from ..panel.panel import Panel
    from ..reading.ledger import SourceFile
    from ..study.declared import Study
    from ..study.scenario import Range


@dataclass(frozen=True, repr=False)
class KeyNumbers(TidyMixin):
    """A few numbers that a page shows as cards: label, value, range, what it is."""

    numbers: tuple[tuple[str, str, str, str], ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a number."""
        import pandas as pd

        return pd.DataFrame(self.numbers, columns=["figure", "value", "interval", "what it is"])

    def _repr_html_(self) -> str:
        cards = []
        for texts in self.numbers:
            label, value, span, about = (html.escape(t).replace("$", "&#36;") for t in texts)
            cards.append(
                f'<li class="key"><span class="label">{label}</span> '
                f'<strong class="value">{value}</strong> '
                f'<span class="range">{span}</span> <span class="range">{about}</span></li>'
            )
        return f'<ul class="keys">{"".join(cards)}</ul>'


def key_numbers(analysis: Analysis) -> KeyNumbers:
    """Return three to six numbers with their intervals: the first thing a reader looks for."""
    currency, chance = analysis.study.currency, "roi.probability_positive"
    return KeyNumbers(
        tuple(
            (
                label,
                quantity(e.estimate, e.unit, currency, gap=bool(e.contrast)),
                "" if e.name.startswith(chance) else f"({interval(e, currency)})",
                about,
            )
            for label, e, about in _key_estimates(analysis)
        )
    )


def groups(analysis: Analysis) -> Table:
    """Return one row an outcome and group: n, mean with interval, median, share above zero."""
    import pandas as pd

    currency, rows = analysis.study.currency, []
    for outcome, c in analysis.comparisons.items():
        for mean, median, share in zip(c.means, c.medians, c.shares_above_zero, strict=True):
            shown = "" if mean.unit.startswith("share") else quantity(median, mean.unit, currency)
            above = "" if mean.unit.startswith("share") else percent(share)
            figures = (*value_beside_interval(mean, currency), shown, above)
            count = "under 5" if mean.estimate is None else f"{mean.n:,}"
            rows.append((outcome.replace("_", " "), mean.term, count, *figures))
    columns = ["outcome", "group", "n", "mean", "95 % interval", "median", "share above zero"]
    return Table(pd.DataFrame(rows, columns=columns))


def pairs(analysis: Analysis) -> Table:
    """Return every pair of groups and outcome: gap, p value, p value after Holm."""
    import pandas as pd

    tables = [c.pairwise.drop(columns="statistic") for c in analysis.comparisons.values()]
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    for name in (n for n in frame if str(n).startswith("p_")):
        frame[name] = frame[name].map(_p_value)
    return Table(frame)


def verdicts(analysis: Analysis, checks: Checks | None = None) -> Table:
    """Return the verdict on each outcome, with the gap it rests on.

    Parameters
    ----------
    checks
        They withdraw verdicts that the evidence does not carry; without them it is said beside
        each useful gap that none has been run.
    """
    import pandas as pd

    currency = analysis.study.currency
    rows = []
    for verdict in checks.verdicts if checks else analysis.verdicts:
        gap = value_beside_interval(verdict.contrast, currency)
        unit = verdict.contrast.unit if verdict.contrast else ""
        name = verdict.outcome.replace("_", " ")
        n = f"{verdict.contrast.n:,}" if verdict.contrast else "–"
        kind = f"{USEFUL}, unchecked" if verdict.kind == USEFUL and not checks else verdict.kind
        rows.append((name, kind, *gap, n, unit, verdict.reason))
    columns = ["outcome", "verdict", "adjusted gap", "95 % interval", "n", "unit", "why"]
    return Table(pd.DataFrame(rows, columns=columns))


def ladder(analysis: Analysis) -> Table:
    """Return one row an outcome and rung: how a gap moves as more is taken into account.

    ``n`` counts the answers of the two groups; of the gap within customers, the customers that
    were in both, who alone tell of it.
    """
    import pandas as pd

    currency, rows = analysis.study.currency, []
    for name, regression in analysis.regressions.items():
        found = {e.term: e for e in analysis.ladder(name)}
        for rung in RUNGS:
            own = rung == RUNGS[-1]
            changed = f"{analysis.within[name].changed:,}" if name in analysis.within else "–"
            n = changed if own else f"{regression.contrast.n:,}"
            shown = value_beside_interval(found.get(rung), currency)
            rows.append((name.replace("_", " "), rung, *shown, n, regression.contrast.unit))
    columns = ["outcome", "compared", "gap", "95 % interval", "n", "unit"]
    return Table(pd.DataFrame(rows, columns=columns))


def gaps(analysis: Analysis) -> Table:
    """Return every estimate of every gap with its method, and why one is missing."""
    import pandas as pd

    currency, rows = analysis.study.currency, []
    for name, regression in analysis.regressions.items():
        outcome = name.replace("_", " ")
        for e in (*analysis.ladder(name), *regression.beside):
            rows.append(
                (outcome, e.term, *value_beside_interval(e, currency), f"{e.n:,}", e.method)
            )
        if refusal := analysis.missing.get(f"contrast.{name}.within"):
            rows.append((outcome, RUNGS[3], "–", "–", "–", f"not possible: {refusal}"))
    columns = ["outcome", "gap", "value", "95 % interval", "n", "method"]
    return Table(pd.DataFrame(rows, columns=columns))


def controls(analysis: Analysis) -> Table:
    """Return what each regression held equal, and how many responses it had."""
    import pandas as pd

    alike: dict[tuple[int, str, str], list[str]] = {}
    for name, r in analysis.regressions.items():
        key = (r.adjusted.n, ", ".join(r.controls) or "nothing", " ".join(r.notes))
        alike.setdefault(key, []).append(name.replace("_", " "))
    rows = [(", ".join(names), *key) for key, names in alike.items()]
    return Table(pd.DataFrame(rows, columns=["outcomes", "n", "held equal", "notes"]))


def coefficients(analysis: Analysis) -> Table:
    """Return every coefficient of every model with its interval."""
    import pandas as pd

    tables = []
    for outcome, regression in analysis.regressions.items():
        table = regression.coefficients.copy()
        table.insert(0, "outcome", outcome)
        tables.append(table)
    return Table(pd.concat(tables, ignore_index=True) if tables else pd.DataFrame())


def roi(analysis: Analysis, checks: Checks | None = None) -> Table | Text:
    """Return the ROI with everything that belongs to it, or why there is none.

    What limits every figure is said beside the first.
    """
    import pandas as pd

    if analysis.roi is None:
        return answer(analysis, checks)
    currency = analysis.study.currency
    rows: list[tuple[str, ...]] = []
    for e in analysis.roi.estimates:
        name, note = e.term[0].upper() + e.term[1:], e.note
        for common in analysis.roi.notes if rows else ():
            note = note.replace(common, "").strip()
        chance = e.name.startswith("roi.probability")  # its interval is the simulation's own error
        value, span = value_beside_interval(e, currency)
        rows.append((name, value, "–" if chance else span, f"{e.n:,}", e.unit, note))
    return Table(
        pd.DataFrame(rows, columns=["figure", "value", "90 % of simulations", "n", "unit", "note"])
    )


def roi_by_rung(analysis: Analysis) -> Table | Text:
    """Return the ROI that each rung of the ladder gives; the doubly robust one is the answer's."""
    import pandas as pd

    if analysis.roi is None:
        return Text((f"No ROI: {analysis.refusals.get('roi', 'the study declares no scenario')}",))
    currency, found = analysis.study.currency, {e.name: e for e in analysis.by_rung}
    rows = []
    for rung, term in zip(("raw", "adjusted", "doubly_robust", "within"), RUNGS, strict=True):
        own = rung == "doubly_robust"
        names = ("ratio", "net_value", "probability_positive")
        figures = [analysis.roi[n] if own else found.get(f"roi.{n}.{rung}") for n in names]
        shown = [text for e in figures[:2] for text in value_beside_interval(e, currency)]
        chance = "–" if figures[2] is None else percent(figures[2].estimate or 0.0)
        rows.append((term, *shown, chance, "the answer rests on it" if own else ""))
    columns = [
        "gap",
        "ROI",
        "90 % interval",
        "net value",
        "90 % interval of it",
        "chance",
        "remark",
    ]
    return Table(pd.DataFrame(rows, columns=columns))


def bridge(analysis: Analysis) -> Table | Text:
    """Return where the net value comes from: value by outcome, less cost, at the likely values."""
    import pandas as pd

    if analysis.roi is None:
        return Text(("There is no ROI to take apart.",))
    currency = analysis.study.currency
    rows = [
        (row["item"].capitalize(), quantity(row["amount"], currency, currency))
        for row in analysis.roi.bridge.to_dict("records")
    ]
    return Table(pd.DataFrame(rows, columns=["at the likely values", "amount"]))


def assumptions(analysis: Analysis) -> Table:
    """Return what the scenario assumes, one row an input."""
    import pandas as pd

    study = analysis.study
    if study.scenario is None:
        nothing = [("scenario", "none is declared")]
        return Table(pd.DataFrame(nothing, columns=["assumed", "likely (low to high)"]))
    rows = [
        (
            name.replace("_", " "),
            _assumed(name, r, study) + (" (default)" if name in study.scenario.defaults else ""),
        )
        for name, r in study.scenario.ranges.items()
        if not (name in OF_REFERRALS and name in study.scenario.defaults)
    ]
    if "persistence" not in study.scenario.ranges:
        observed = "as observed" if study.scenario.persistence else "not declared: all stay"
        rows.append(("persistence", observed))
    rows.append(("horizon", f"{study.scenario.horizon_months:g} months"))
    rows.append(("currency", study.currency or "not declared"))
    return Table(pd.DataFrame(rows, columns=["assumed", "likely (low to high)"]))


def _assumed(name: str, value: Range, study: Study) -> str:
    """Return a range of the scenario in its unit, with the doubt that a prior adds."""
    if name == "causal_share":
        return assumed_causal(value).rstrip(",")
    if name in SHARES:
        return spread(value.low, value.likely, value.high)
    shown = spread(value.low, value.likely, value.high, share=False)
    return f"{shown} months" if name.endswith("_months") else f"{study.currency} {shown}".lstrip()


def funnel(found: Analysis | Overview) -> Table:
    """Return the steps from who was asked to whom the scenario would move, and what each lost."""
    import pandas as pd

    counted = (found.overview if hasattr(found, "overview") else found).funnel
    rows = [(s.title, s.count, s.unit, s.lost, s.why, s.meaning) for s in counted.steps]
    columns = ["step", "count", "unit", "lost", "why", "what is counted"]
    return Table(pd.DataFrame(rows, columns=columns))


def provenance(panel: Overview | Panel, every: Sequence[SourceFile] = ()) -> Table:
    """Return the tables with their fingerprints, the quarter and the seed.

    Parameters
    ----------
    every
        All tables of the study, those that only metrics read among them; left out: the panel's.
    """
    import pandas as pd

    own = panel.tables.sources if hasattr(panel, "tables") else panel.sources
    rows = [
        (f"table {source.table}", f"{source.where}, {source.rows:,} rows, SHA-256 {source.sha256}")
        for source in every or own
    ]
    rows += [
        ("study file", panel.study.path.name),
        ("quarter", panel.quarter or "all"),
        ("seed", str(panel.study.seed)),
        *(("changed from the study file", change_said(c)) for c in panel.study.changes),
    ]
    return Table(pd.DataFrame(rows, columns=["what", "which"]))


def environment() -> Table:
    """Return the versions of Python, of cxroi and of what it depends on."""
    import pandas as pd

    from ..files.versions import versions

    return Table(pd.DataFrame(versions().items(), columns=["package", "version"]))


def _p_value(value: float | None) -> str:
    return shown_p(value).removeprefix("= ")


def _key_estimates(analysis: Analysis) -> Iterator[tuple[str, Estimate, str]]:
    study, roi = analysis.study, analysis.roi
    if roi:
        over = "" if roi.whole_horizon else f", first {months(roi.horizon_months)} only"
        yield f"ROI{over}", roi["ratio"], "90 % of simulations; net value over cost"
        yield f"Net value{over}", roi["net_value"], "90 % of simulations"
        yield "Chance that it pays", roi["probability_positive"], "share of simulations"
        yield (
            "Share of the gap from which it pays",
            roi["break_even_causal_share"],
            "90 % of simulations; read as an effect",
        )
    for name, regression in list(analysis.regressions.items())[: 1 if roi else 4]:
        gap, between = regression.contrast, f"{study.target} less {study.origin}"
        about = f"95 %; {gap.n:,} answers, adjusted, {between}, {gap.unit}"
        yield f"{name.replace('_', ' ').capitalize()} gap", gap, about
    headline, title = analysis.scores[0], study.scale.title
    metric = f"{title[0].upper()}{title[1:]}"
    if study.scale.kind == "custom" and study.scale.two_answers:
        metric = f"{metric}, {study.scale.score_unit}"
    for estimate in analysis.scores:
        if estimate.name == headline.name:
            used = analysis.overview.size
            some = "" if estimate.n == used else f", {used:,} of them used for gaps"
            yield metric, estimate, f"95 %; {estimate.n:,} answers as given{some}"
        elif estimate.name == f"{headline.name}.weighted":
            yield f"{metric}, weighted", estimate, "95 %; with survey weights"
