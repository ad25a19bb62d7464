"""Which score is worth asking, as sentences, a table and a picture; never computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import ModelError
from ..grid.contest import NONE_HELPS, WINNER
from ..results.display import Table, Text
from ..results.formats import aligned, percent, shown_p, value_and_interval
from .drawing.rows import Block, Row, row_chart
from .figures import Picture
from .grids import by_score
from .labels import listed, outcome, titled

if TYPE_CHECKING:
    from ..grid.contest import Contest, WorthAsking
    from ..results.estimate import Estimate

# So many others are named that could be as good.
FEW = 3


def worth_asking(worth: WorthAsking) -> Table:
    """Return one row an outcome and score: what it adds to what is known without any.

    ``adds`` is the share of the differences between customers that it foretells beyond controls
    and baselines, of customers that no model was fitted to, in percentage points.
    """
    import pandas as pd

    rows = []
    for contest in _without_mirror(worth):
        for name, gain in contest.gains.items():
            low, high = (percent(end, "pp") for end in (gain.conf_low, gain.conf_high))
            rows.append(
                (
                    outcome(contest.outcome),
                    worth.titles[name],
                    percent(gain.estimate, "pp"),
                    f"{low} to {high}",
                    percent(contest.official[name].estimate, "pp"),
                    percent(contest.known.estimate),
                    f"{gain.n:,}",
                    "yes" if name in contest.unbeaten else "no",
                    contest.kind,
                )
            )
    columns = ["outcome", "score", "adds", "95 % interval", "as its headline counts", "known"]
    columns += ["n", "could be the best", "found"]
    return Table(pd.DataFrame(rows, columns=columns))


def in_words(worth: WorthAsking) -> Text:
    """Say for each outcome whether a score wins, what asking all would add, and on what it rests.

    Where none wins, that is said: which score to ask is then a question of its cost.
    """
    contests = _without_mirror(worth)
    said = [f"{claim(worth)}."]
    said += [_of_outcome(worth, contest) for contest in contests]
    said += _other_ways(worth, contests)
    if contests:
        said.append(
            f"It rests on {worth.rows:,} answers of {worth.customers:,} customers who have given "
            "all of these scores; each model was tried on customers that it was not fitted to."
        )
    for reason in dict.fromkeys(map(str, worth.refusals.values())):
        own = [_named(worth, n) for n, why in worth.refusals.items() if str(why) == reason]
        take = "takes" if len(own) == 1 else "take"
        said.append(f"{titled(listed(own))} {take} no part: {reason}")
    return Text(tuple(said), "list")


def claim(worth: WorthAsking) -> str:
    """Return whether a score wins, in one line."""
    contests = _without_mirror(worth)
    won = {c.outcome: c.best for c in contests if c.kind == WINNER}
    if not contests:
        return "No outcome could be foretold"
    if not won:
        return "No score foretells any outcome better than all the others do"
    firsts = list(dict.fromkeys(won.values()))
    told = [
        f"{worth.titles[name]} foretells {listed([outcome(o) for o in won if won[o] == name])} best"
        for name in firsts
    ]
    rest = len(contests) - len(won)
    return listed(told) + (f"; no score wins {_of(rest)}" if rest else "")


def score_gains(worth: WorthAsking) -> Picture:
    """Show what each score adds, by outcome, with its interval; those that could be best filled.

    Raises
    ------
    ModelError
        No outcome could be foretold.
    """
    contests = _without_mirror(worth)
    if not contests:
        raise ModelError("no outcome could be foretold", "see why each was refused")
    blocks, told = [], []
    for contest in contests:
        found = list(contest.gains.items())
        ends = [v for _, e in found for v in (e.estimate, e.conf_low, e.conf_high)]
        shown = aligned(ends, "share", gap=True)
        rows = [
            Row(
                titled(worth.titles[name]),
                e.estimate,
                e.conf_low,
                e.conf_high,
                shown[3 * n],
                "high" if name in contest.unbeaten else "mid",
                contest.kind == WINNER and name == contest.best,
            )
            for n, (name, e) in enumerate(found)
        ]
        blocks.append(Block(rows, titled(outcome(contest.outcome)), "added to what is known"))
        each = "; ".join(
            f"{worth.titles[name]} {shown[3 * n]}, from {shown[3 * n + 1]} to {shown[3 * n + 2]}"
            for n, (name, _) in enumerate(found)
        )
        told.append(f"{titled(outcome(contest.outcome))}: {each} ({contest.kind})")
    how = "Share of the differences between customers that each score adds, with 95 % intervals"
    return Picture(claim(worth), f"{how}. {'. '.join(told)}.", *row_chart(blocks))


def _of_outcome(worth: WorthAsking, contest: Contest) -> str:
    name, best = titled(outcome(contest.outcome)), worth.titles[contest.best]
    share = contest.known.estimate or 0.0
    known = percent(share) if share > 0 else "nothing"
    if contest.kind == NONE_HELPS:
        return (
            f"{name}: no score is shown to add to what is known of a customer without asking, "
            f"which foretells {known} of the differences between customers."
        )
    gain = contest.gains[contest.best]
    adds = f"adds {_points(gain)} to the {known} that is foretold without asking"
    if contest.kind == WINNER:
        p_value = shown_p(contest.p_adjusted)
        return f"{name}: {best} {adds}, more than each other score (p {p_value} after correction)."
    others = [worth.titles[one] for one in contest.unbeaten if one != contest.best]
    if not others:
        return f"{name}: {best} {adds}; that it is the best may be chance among so many outcomes."
    alike = f"{listed(others)} could be as good"
    if len(others) == len(contest.gains) - 1 > FEW:
        alike = f"none of the other {len(others)} is shown to foretell worse"
    return f"{name}: no score wins. {best} {adds}, but {alike}."


def _other_ways(worth: WorthAsking, contests: list[Contest]) -> Iterator[str]:
    """Say where the official way of counting, or all scores together, foretell better or worse."""
    for better, word in ((True, "better"), (False, "worse")):
        found = [
            (worth.titles[name], outcome(contest.outcome))
            for name in worth.titles
            for contest in contests
            for e in [contest.transformed.get(name)]
            if e and e.beyond_chance() and ((e.estimate or 0.0) > 0) == better
        ]
        if found:
            yield (
                f"Counted as its headline counts, the answer foretells {word} than the number "
                f"itself: {by_score(found)}."
            )
    more = [c for c in contests if (c.over_best.conf_low or 0.0) > 0]
    if more:
        told = [f"{outcome(c.outcome)} by {_points(c.over_best)}" for c in more]
        yield f"All scores together foretell better than the best alone: {listed(told)}."
    elif contests:
        yield "Asking all of them is not shown to foretell any outcome better than the best alone."


def _named(worth: WorthAsking, name: str) -> str:
    return worth.titles.get(name, outcome(name))


def _points(estimate: Estimate) -> str:
    return value_and_interval(estimate, "")


def _of(count: int) -> str:
    return "the other outcome" if count == 1 else f"the other {count} outcomes"


def _without_mirror(worth: WorthAsking) -> list[Contest]:
    """Leave out churned where retained, its mirror image in a dated study, is shown."""
    mirrored = worth.study.dated and "retained" in worth.contests
    return [c for n, c in worth.contests.items() if n != "churned" or not mirrored]
