"""The worlds: what is ordinary in companies and hard for an estimate.

In every one all that confounds is in the file. In those with an effect a move costs exactly what
it earns (true ROI 0) where nothing else is said, so that "expected to pay" is wrong in them; in
those without, nothing is earned (true ROI -1). `lasting.py` has the one with an unmeasured trait.
"""

from __future__ import annotations

from dataclasses import replace

import customers as who
import noises
from worlds import Line, World

NONE = (0.0,)
SCORE = (0.3, 0.7, 0.6, 0.9)
SPEND = (5.0, 15.0, 8.0, 30.0)
STAYS = (0.1, 0.4, 0.4, 0.25)
CALLS = (0.1, 0.2, -0.15, 0.15)
AMOUNT = noises.lognormal(0.45)


def _spend(slopes=SPEND, gap=(8.0,), noise=AMOUNT, start=60.0, link="identity"):
    return Line(start, tuple(slopes), tuple(gap), link, noise)


def _stays(slopes=STAYS, gap=(0.35,), start=1.6, link="logit"):
    return Line(start, tuple(slopes), tuple(gap), link, noises.yes_no)


def _calls(slopes=CALLS, gap=(-0.25,), start=-0.4, link="log"):
    return Line(start, tuple(slopes), tuple(gap), link, noises.poisson)


def _without(world: World, name: str, about: str) -> World:
    """The same world, in which the score does nothing."""
    lines = {o: getattr(world, o) for o in ("spend", "retained", "contacts")}
    none = {o: replace(line, gap=(0.0,) * len(line.gap)) for o, line in lines.items()}
    return replace(world, name=name, about=about, **none)


PLAIN = World(
    "plain", "straight lines, the same effect for all",
    who.shop, who.straight, SCORE, _spend(), _stays(), _calls(),
)  # fmt: skip
BEFORE = World(
    "straight_baseline", "spend follows that of the quarter before in a straight line",
    who.unequal_shop, who.straight, (0, 0.2, 0.2, 1.2),
    _spend((0, 5, 0, 45), noise=noises.gamma(9.0)), _stays((0, 0.2, 0.2, 0.4)),
    _calls((0, 0.2, -0.1, 0.2)),
)  # fmt: skip
SKEWED = World(
    "skewed_baseline", "the same, spend skewed and a quarter zero, before and after",
    who.skewed_shop, who.straight, (0, 0.2, 0.2, 0.7),
    _spend((0, 5, 0, 40), noise=noises.lognormal(0.8, buys=0.75)), _stays((0, 0.2, 0.2, 0.3)),
    _calls((0, 0.05, -0.05, 0.1), gap=(-0.1,), start=0.6, link="identity"),
)  # fmt: skip
U_SHAPE = World(
    "u_shape", "tenure drives score and outcomes in a U",
    who.evenly, who.u_shape, (*SCORE, 1.2), _spend((*SPEND, 12.0)), _stays((*STAYS, 0.5)),
    _calls((*CALLS, -0.25)),
)  # fmt: skip
SEGMENTS = World(
    "segments", "the effect is large in Business, none in Consumer",
    who.shop, who.straight, (0.3, 1.5, 0.6, 0.9),
    _spend(gap=(0.0, 8.0, 25.0)), _stays(gap=(0.0, 0.3, 1.0)), _calls(gap=(0.0, -0.2, -0.6)),
    shift=who.by_segment,
)  # fmt: skip
ACCOUNTS = World(
    "accounts", "business customers: several contacts of an account, who are alike",
    who.accounts, who.straight, SCORE, _spend(), _stays(), _calls(),
)  # fmt: skip

ORDINARY = (
    PLAIN,
    _without(PLAIN, "null", "straight lines, no effect"),
    BEFORE,
    _without(BEFORE, "straight_baseline_null", "the same, no effect"),
    SKEWED,
    _without(SKEWED, "skewed_baseline_null", "the same, no effect"),
    U_SHAPE,
    _without(U_SHAPE, "u_shape_null", "the same, no effect"),
    SEGMENTS,
    World(
        "crossing", "tenure works one way in Business, the other way in Consumer",
        who.evenly, who.crossing, (0.2, 0.3, -1.4, 0.7, 1.4, 3.0),
        _spend((5, 10, -14, 25, 14, 30)), _stays((0.1, 0.3, -0.6, 0.2, 0.6, 1.3)),
        _calls((0.1, 0.2, 0.3, 0.1, -0.3, -0.7)),
    ),
    World(
        "sine", "score and outcomes come and go twice over the tenure",
        who.evenly, who.sine, (*SCORE, 1.2), _spend((*SPEND, 14.0)), _stays((*STAYS, 0.6)),
        _calls((*CALLS, -0.35)),
    ),
    World(
        "rare_churn", "three customers in a hundred leave in a quarter",
        who.shop, who.straight, SCORE, _spend(), _stays(gap=(0.5,), start=3.2), _calls(),
        roi=0.3, horizon_months=12.0,
    ),
    World(
        "few_answers", "400 answers, one customer in twelve leaves",
        who.shop, who.straight, SCORE, _spend(), _stays(start=2.3), _calls(),
        size=400, roi=0.36, horizon_months=12.0,
    ),
    World(
        "long_stays", "a control with a very long tail, whose logarithm counts",
        who.long_stays, who.log_nights, (*SCORE, 1.0), _spend((*SPEND, 15.0)),
        _stays((*STAYS, 0.3)), _calls((*CALLS, -0.2)),
    ),
    World(
        "heavy_tail", "spend with a very heavy tail",
        who.shop, who.straight, SCORE,
        _spend((0.05, 0.2, 0.1, 0.35), gap=(0.12,), start=4.0, link="log",
               noise=noises.lognormal(1.5)),
        _stays(), _calls(),
    ),
    World(
        "poor_overlap", "hardly any passives are like most promoters; the same effect for all",
        who.shop, who.far_apart, (0.4, 1.0, 3.0, 4.5), _spend((5, 15, 10, 25)),
        _stays((0.02, 0.03, 0.03, 0.05), gap=(0.04,), start=0.84, link="identity"),
        _calls((0.05, 0.1, -0.1, 0.15), gap=(-0.15,), start=0.7, link="identity"),
    ),
    ACCOUNTS,
    World(
        "survey_weights", "the young and the business customers answer seldom; effect by segment",
        who.shop, who.straight, (0.3, 1.5, 0.6, 0.9),
        _spend(gap=(3.0, 8.0, 20.0)), _stays(gap=(0.1, 0.3, 0.8)), _calls(gap=(-0.1, -0.2, -0.5)),
        shift=who.by_segment,
        asked=lambda t: 0.15 + 0.25 * (t["segment"] != "Business") + 0.2 * (t["tenure"] > 30),
    ),
    World(
        "blank_controls", "tenure and segment are blank for some, who differ from the others",
        who.gaps_in_files, who.known_and_blank, (*SCORE, 0.9, -0.5),
        _spend((*SPEND, 15, -8)), _stays((*STAYS, 0.5, -0.4)), _calls((*CALLS, -0.3, 0.2)),
    ),
    World(
        "several_baselines", "spend, contacts and renewal before all count",
        who.regulars, who.all_befores, (*SCORE, -0.5, 0.9),
        _spend((*SPEND, -3, 14)), _stays((*STAYS, -0.2, 0.8), start=1.3),
        _calls((*CALLS, 0.25, -0.3)),
    ),
    World(
        "many_controls", "eight more controls, five of which count",
        who.many_columns, who.wide, (*SCORE, 0.5, -0.4, 0.4, 0.3, 0.4),
        _spend((*SPEND, 12, -6, 6, 5, 8)), _stays((*STAYS, 0.3, -0.2, 0.2, 0.1, 0.3)),
        _calls((*CALLS, 0.2, -0.2, 0.1, 0.1, -0.2)),
    ),
    World(
        "refunds", "amounts net of refunds, some below zero, before and after",
        who.refunded, who.straight, SCORE, _spend((5, 10, 4, 30), noise=noises.normal(30.0)),
        _stays(), _calls(),
    ),
)  # fmt: skip
