"""Journeys for readers: each figure as a table with a sentence, and as a picture where it helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..journeys.volume import FILLING
from ..results.display import Noted, Table, Text
from ..results.formats import aligned, without_unit
from .drawing.rows import Block, Row, row_chart
from .figures import Picture

if TYPE_CHECKING:
    import pandas as pd

    from ..journeys.every import Figures

MOST = 12
_SHARE_OF_WAYS = ("share of all ways", "95 % interval")
SMALLEST = 0.001  # p value: of 999 shuffled series none was as good
KINDS = ("nps", "csat", "ces")
_HEADS = ["figure", "of", "estimate", "95 % interval", "unit", "n", "chance"]
SHARE_OF = {"when_to_ask": "share of invitations"}
# Terms that are names of results, in words.
TERMS = {
    "cart_value_abandoned": "value of the carts without a purchase",
    "who": "of it: who answers",
    "what": "of it: what they say",
    "both": "of it: both at once",
    "alike before": "were both alike before?",
}
_UNTIL_SOLVED = ("effort, until solved", "time until solved")
_OF_FOLLOWED = "share of those followed by any further step"
_NOT_RATES = (
    "The share is neither a response rate nor a conversion rate: steps after which nothing follows "
    "do not count in it."
)
_BOTH_TESTS = (
    "“Beyond chance” needs both: that the change is more than chance in the answers would make it, "
    "and that it is among the 5 % of all dates that stand out most. The dates near the event count "
    "there too, and share a part of its change; “other dates” leaves them out, so that a change "
    "outside of these may still not be beyond chance."
)
_FILLING = (
    f"Changes in the first {FILLING} weeks of the data, in which a record may only be filling up, "
    "are not reported, nor the levels before them."
)
_NOTES = {"contact_volume": _FILLING, "contact_volume_by_reason": _FILLING}


def paths(found: Figures, name: str = "paths", most: int = MOST) -> Table | Text:
    """Return the steps that customers take most often, with their share and the time between.

    Parameters
    ----------
    name
        ``paths``: all steps; ``paths_to_answers``: those before an answer, by its group.
    """
    if name not in found.tables:
        return Text((found.missing.get(name, "Nothing is known of it."),))
    import pandas as pd

    table = found.tables[name].nlargest(most, "n")
    rows = [
        {
            "from": row["from"],
            "to": row["to"],
            "group": row["group"],
            "how often": f"{int(row['n']):,}",
            _OF_FOLLOWED: f"{100 * row['share']:.1f} %",
            "95 % interval": f"{100 * row['share_low']:.1f} to {100 * row['share_high']:.1f} %",
            "median time between": _time(row["hours"]),
        }
        for row in table.to_dict("records")
    ]
    shown = pd.DataFrame(rows)
    return Noted(shown if shown["group"].any() else shown.drop(columns="group"), _NOT_RATES)


def ways(found: Figures, name: str = "paths", most: int = MOST) -> Table | Text:
    """Return the whole ways that customers take most often; `name` as of `paths`."""
    table = found.tables.get(f"{name}_ways")
    if table is None:
        return Text((found.missing.get(name, "Nothing is known of it."),))
    import pandas as pd

    rows = [
        {
            "way": row["path"],
            "group": row["group"],
            "how often": f"{int(row['n']):,}",
            "share of all ways": f"{100 * row['share']:.1f} %",
            "95 % interval": f"{100 * row['share_low']:.1f} to {100 * row['share_high']:.1f} %",
        }
        for row in table.nlargest(most, "n").to_dict("records")
    ]
    shown = pd.DataFrame(rows, columns=["way", "group", "how often", *_SHARE_OF_WAYS])
    return Table(shown if shown["group"].any() else shown.drop(columns="group"))


def _time(hours: float) -> str:
    if hours != hours:  # NaN: too few to say
        return "–"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"


def figure(found: Figures, name: str, most: int = 40) -> Table | Text:
    """Return a figure as a table, or the sentence that says what it lacks."""
    if name not in found.tables:
        return Text((found.missing.get(name, "Nothing is known of it."),))
    import pandas as pd

    table = found.tables[name].head(most)
    rows = [_row(row, name) for row in table.to_dict("records")]
    shown = pd.DataFrame(rows, columns=_HEADS)
    shown = shown[[head for head in _HEADS if head == "figure" or (shown[head] != "").any()]]
    return Noted(shown, _NOTES[name]) if name in _NOTES else Table(shown)


def events(found: Figures) -> Table | Text:
    """Return how each score changed around the company's events, every score that has answers."""
    import pandas as pd

    parts = {n: t for n, t in found.tables.items() if n.startswith("company_events")}
    if not parts:
        return Text((found.missing.get("company_events", "Nothing is known of it."),))
    rows = []
    for name, table in parts.items():
        score = name.removeprefix("company_events").strip("_") or "main score"
        score = score.upper() if score in KINDS else score.replace("_", " ")
        for row in table.to_dict("records"):
            shown = aligned([row[key] for key in ("estimate", "conf_low", "conf_high")])
            other = aligned([row["placebo_low"], row["placebo_high"]])
            rows.append(
                {
                    "event": row["term"],
                    "score": score,
                    "change after it": shown[0],
                    "95 % interval": f"{shown[1]} to {shown[2]}",
                    "unit": row.get("unit", ""),
                    "other dates": f"{other[0]} to {other[1]}",
                    "beyond chance": _beyond(row["p_value"]),
                }
            )
    return Noted(pd.DataFrame(rows), _BOTH_TESTS)


def _beyond(p: float) -> str:
    return "cannot tell" if p != p else "yes" if p < 0.05 else "no"


def whom_not_to_ask(found: Figures) -> Table | Text:
    """Return whom not to ask, how many they are, and how they answered."""
    name = "whom_not_to_ask"
    if name not in found.tables:
        return Text((found.missing.get(name, "Nothing is known of it."),))
    import pandas as pd

    rows = [
        {
            "who": row["reason"],
            "invitations": f"{int(row['invitations']):,}",
            "customers": f"{int(row['customers']):,}",
            "share of all": f"{100 * row['share']:.1f} %",
            "answered": f"{100 * row['response_rate']:.1f} %",
        }
        for row in found.tables[name].to_dict("records")
    ]
    return Table(pd.DataFrame(rows))


def response(found: Figures) -> Picture | Text:
    """Show the response rate by everything that it may hang on."""
    if "when_to_ask" not in found.tables:
        return Text((found.missing.get("when_to_ask", "Nothing is known of it."),))
    table = found.tables["when_to_ask"]
    table = table[table["estimate"].notna() & (table["by"] != "")]
    blocks = [
        Block(_rows(part), str(by)[0].upper() + str(by)[1:], "% who answered", bars=True)
        for by, part in table.groupby("by", sort=False)
        if len(part) > 1
    ]
    told = ". ".join(
        f"{b.heading}: " + ", ".join(f"{r.label} {r.shown}" for r in b.rows) for b in blocks
    )
    return Picture("Who answers, and when", f"With 95 % intervals. {told}.", *row_chart(blocks))


def _rows(table: pd.DataFrame) -> list[Row]:
    return [
        Row(
            str(row["contrast"] or row["term"]),
            row["estimate"],
            row["conf_low"],
            row["conf_high"],
            f"{100 * row['estimate']:.1f} %",
        )
        for row in table.to_dict("records")
    ]


def missing(found: Figures) -> Text:
    """Say which figures there are not, and what each lacks."""
    if not found.missing:
        return Text(("Nothing is missing.",))
    said = [f"{n.replace('_', ' ').capitalize()}: {why}" for n, why in found.missing.items()]
    return Text(tuple(said), "list")


def _row(row: Mapping[Any, Any], name: str) -> dict[str, object]:
    unit = str(row.get("unit") or SHARE_OF.get(name, ""))
    values = [_number(row.get(key)) for key in ("estimate", "conf_low", "conf_high")]
    p = _number(row.get("p_value"))
    shown = without_unit(values, unit)
    unit = "" if values[0] is None and p is not None else unit  # of a test alone
    what = " ".join(str(row.get(key) or "") for key in ("by", "reason") if row.get(key))
    return {
        "figure": what or _worded(str(row["term"])),
        "of": " ".join(
            filter(None, (str(row["term"]) if what else "", _less(str(row["contrast"]))))
        ),
        "estimate": shown[0],
        "95 % interval": f"{shown[1]} to {shown[2]}" if values[1] is not None else "–",
        "unit": "%" + unit.removeprefix("share") if unit.startswith("share") else unit,
        "n": int(str(row["n"])),
        "chance": "" if p is None else f"p = {p:.2g}" if p > SMALLEST else f"p ≤ {SMALLEST}",
    }


def _worded(term: str) -> str:
    score, wave, quarter = term.partition(".wave.")
    return (
        f"{score.upper()} in {quarter}" if wave else TERMS.get(term, term.replace(*_UNTIL_SOLVED))
    )


def _less(contrast: str) -> str:
    """Return a difference in words: ``fell, less stayed``."""
    return contrast.replace(" - ", ", less ")


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None
