"""Scenario: whom we move, how many, at what cost, and what a customer is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StudyError, raise_all
from .scales import check_pair


@dataclass(frozen=True)
class Range:
    """A value known only as low, likely, high; the three are equal where it is known."""

    low: float
    likely: float
    high: float

    @property
    def known(self) -> bool:
        """Whether low and high are the same."""
        return self.low == self.high

    @classmethod
    def of(cls, value: float | list[float]) -> Range:
        """Make a range from a number or from [low, likely, high]."""
        if isinstance(value, list):
            low, likely, high = value
            return cls(float(low), float(likely), float(high))
        return cls(float(value), float(value), float(value))

    @property
    def central(self) -> float:
        """The value at which figures are computed: the likely one."""
        return self.likely

    def declared(self) -> Any:
        """Return it as a study file writes it."""
        return self.likely if self.known else [self.low, self.likely, self.high]


@dataclass(frozen=True)
class Prior(Range):
    """A share that may also be nothing, or have the other sign.

    Attributes
    ----------
    none, opposite
        Probability that the share is zero, and that it is minus a draw from low, likely, high.
    """

    none: float = 0.0
    opposite: float = 0.0

    @property
    def known(self) -> bool:
        """Whether there is nothing to draw."""
        return self.low == self.high and self.none == self.opposite == 0

    @property
    def central(self) -> float:
        """The mean: with some probability of nothing, the likely value alone would mislead."""
        triangle = (self.low + self.likely + self.high) / 3
        return (1 - self.none - 2 * self.opposite) * triangle

    def declared(self) -> Any:
        """Return it as a study file writes it."""
        return vars(self)

    @classmethod
    def of(cls, value: Any) -> Range:
        """Make a prior from ``{none, opposite, low, likely, high}``, a range from anything else."""
        if isinstance(value, Mapping):
            return cls(**{name: float(number) for name, number in value.items()})
        return Range.of(value)


@dataclass(frozen=True)
class Learned(Range):
    """A range with the chances that evidence leaves, in place of a triangle.

    Attributes
    ----------
    values, chances
        Values in rising order, and the chance of at most each.
    mean
        Of them.
    """

    values: tuple[float, ...] = ()
    chances: tuple[float, ...] = ()
    mean: float = 0.0

    @property
    def central(self) -> float:
        """The mean, as of a `Prior`."""
        return self.mean

    def declared(self) -> Any:
        """Return low, likely and high: the rest is not in a study file."""
        return [self.low, self.likely, self.high]


@dataclass(frozen=True)
class Scenario:
    """What a programme would do and what a customer is worth.

    Attributes
    ----------
    origin, target
        Names of the groups moved from and to (``from`` and ``to`` in the study file).
    share_moved
        Share of the `origin` customers who move, 0 to 1.
    cost_per_moved, fixed_cost
        In the study's currency; one of them is above zero.
    gross_margin
        Share of spend left after the cost of goods, above 0 and up to 1.
    causal_share
        Share of the adjusted gap that is read as causal, 0 to 1, or a `Prior`; never defaulted.
    discount_rate_annual
        Per year, above -1.
    horizon_months
        Months over which value is counted, from the move on.
    cost_per_contact, cost_per_return
        Cost to serve, in the study's currency.
    value_per_referral, referral_share
        Margin that a referred person brings over their time, in the study's currency, and the
        share of them who would not have come anyway: the haircut of word of mouth.
    ramp_up_months
        Months over which the effect grows, in a straight line, to its full size; 0 for at once.
    programme_months
        Months over which the cost is paid evenly; 0 where it is paid at the start.
    persistence
        Share of those moved who are still in `target` one wave later, 0 to 1; ``observed``: as
        seen in the transitions from wave to wave; None where it is not declared.
    from_customers
        Customers in `origin` to whom the programme is offered; None for those who answered.
    defaults
        Names of the ranges that the study file leaves out.
    """

    origin: str
    target: str
    share_moved: Range
    cost_per_moved: Range
    fixed_cost: Range
    gross_margin: Range
    causal_share: Range
    discount_rate_annual: Range
    horizon_months: float
    cost_per_contact: Range
    cost_per_return: Range
    ramp_up_months: Range = Range(0.0, 0.0, 0.0)
    programme_months: Range = Range(0.0, 0.0, 0.0)
    value_per_referral: Range = Range(0.0, 0.0, 0.0)
    referral_share: Range = Range(0.0, 0.0, 0.0)
    persistence: Range | str | None = None
    from_customers: int | None = None
    defaults: frozenset[str] = frozenset()

    @property
    def ranges(self) -> dict[str, Range]:
        """The ranges by name, those that are known included."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Range)}

    def declared(self) -> dict[str, Any]:
        """Return the table ``[scenario]`` of a study file that says the same."""
        ranges = {n: r.declared() for n, r in self.ranges.items() if n not in self.defaults}
        table = {"from": self.origin, "to": self.target, **ranges}
        table["horizon_months"] = self.horizon_months
        for name in ("persistence", "from_customers"):
            value = getattr(self, name)
            if value is not None and name not in ranges:
                table[name] = value
        return table


@dataclass(frozen=True)
class NamedScenario:
    """One of several scenarios side by side, ``[scenarios.NAME]`` of the study file.

    Attributes
    ----------
    name, title
        In results, and for readers.
    scenario
        ``[scenario]`` with what it changes.
    changes
        The keys that it changes.
    """

    name: str
    title: str
    scenario: Scenario
    changes: tuple[str, ...]


FIXED_PAIR = ("from", "to")
OF_REFERRALS = ("value_per_referral", "referral_share")
LONGEST_HORIZON = 600
OBSERVED = "observed"

REQUIRED = ("from", "to", "share_moved", "cost_per_moved", "gross_margin", "causal_share")
_DEFAULTED = {"fixed_cost", "discount_rate_annual", "cost_per_contact", "cost_per_return"}
_DEFAULTED |= set(OF_REFERRALS)
_DEFAULTED |= {"ramp_up_months", "programme_months", "horizon_months"}
_WHY = {
    "causal_share": "It says how much of the adjusted gap is read as causal, for example "
    "[0.3, 0.5, 0.8]; it is a judgement, so it has no default",
    "gross_margin": "It turns spend into earnings, for example 0.35",
}
BOUNDS = {
    "share_moved": (0.0, 1.0),
    "causal_share": (0.0, 1.0),
    "gross_margin": (0.001, 1.0),
    "discount_rate_annual": (-0.5, 10.0),
    "cost_per_moved": (0.0, float("inf")),
    "fixed_cost": (0.0, float("inf")),
    "cost_per_contact": (0.0, float("inf")),
    "cost_per_return": (0.0, float("inf")),
    "value_per_referral": (0.0, float("inf")),
    "referral_share": (0.0, 1.0),
    "ramp_up_months": (0.0, float(LONGEST_HORIZON)),
    "programme_months": (0.0, float(LONGEST_HORIZON)),
    "persistence": (0.0, 1.0),
}


def make_scenario(table: Mapping[str, Any], labels: tuple[str, ...]) -> Scenario:
    """Build a scenario from the ``[scenario]`` table of a study file.

    Raises
    ------
    StudyError, Problems
        A missing key, an unknown group, a share outside 0 to 1, a negative horizon, or a
        programme that costs nothing (its ROI would be infinite).
    """
    missing = [
        StudyError(f"[scenario] has no {key}", fix=_WHY.get(key, f"Add {key} = ..."))
        for key in REQUIRED
        if key not in table
    ]
    raise_all(missing)
    scenario = Scenario(
        origin=table["from"],
        target=table["to"],
        share_moved=Range.of(table["share_moved"]),
        cost_per_moved=Range.of(table["cost_per_moved"]),
        fixed_cost=Range.of(table.get("fixed_cost", 0.0)),
        gross_margin=Range.of(table["gross_margin"]),
        causal_share=Prior.of(table["causal_share"]),
        discount_rate_annual=Range.of(table.get("discount_rate_annual", 0.0)),
        horizon_months=float(table.get("horizon_months", 12)),
        cost_per_contact=Range.of(table.get("cost_per_contact", 0.0)),
        cost_per_return=Range.of(table.get("cost_per_return", 0.0)),
        ramp_up_months=Range.of(table.get("ramp_up_months", 0.0)),
        programme_months=Range.of(table.get("programme_months", 0.0)),
        value_per_referral=Range.of(table.get("value_per_referral", 0.0)),
        referral_share=Range.of(table.get("referral_share", 0.0)),
        persistence=_persistence(table.get("persistence")),
        from_customers=table.get("from_customers"),
        defaults=frozenset(_DEFAULTED - set(table)),
    )
    raise_all(
        [*check_pair("scenario", scenario.origin, scenario.target, labels), *_check(scenario)]
    )
    return scenario


def _persistence(value: float | list[float] | str | None) -> Range | str | None:
    return value if value is None or isinstance(value, str) else Range.of(value)


def _check(scenario: Scenario) -> Iterator[StudyError]:
    ranges = scenario.ranges
    for name, (low, high) in BOUNDS.items():
        if name not in ranges:
            continue
        value = ranges[name]
        if not low <= value.low <= value.high <= high:
            found = value.likely if value.known else [value.low, value.likely, value.high]
            upper = "" if high == float("inf") else f" to {high:g}"
            percent = high == 1.0 and 1 < value.high <= 100
            yield StudyError(
                f"[scenario] {name} is {found}",
                f"it is {low:g}{upper or ' or more'}",
                f"Write {value.likely / 100:g} for {value.likely:g} %" if percent else "",
            )
    causal = scenario.causal_share
    if isinstance(causal, Prior) and (
        min(causal.none, causal.opposite) < 0 or causal.none + causal.opposite >= 1
    ):
        yield StudyError(
            f"[scenario] causal_share has none = {causal.none:g}, opposite = {causal.opposite:g}",
            "they are probabilities, 0 or more, and together under 1",
        )
    if not 0 < scenario.horizon_months <= LONGEST_HORIZON:
        yield StudyError(
            f"[scenario] horizon_months is {scenario.horizon_months:g}",
            f"it is above 0 and up to {LONGEST_HORIZON}",
        )
    if scenario.cost_per_moved.low <= 0 and scenario.fixed_cost.low <= 0:
        yield StudyError(
            "[scenario] costs nothing",
            "the return on a cost of zero has no value",
            "Give cost_per_moved or fixed_cost above 0",
        )
    if scenario.share_moved.low <= 0:
        yield StudyError("[scenario] share_moved reaches 0", "somebody moves: above 0 and up to 1")
    if scenario.from_customers is not None and scenario.from_customers < 1:
        yield StudyError(
            f"[scenario] from_customers is {scenario.from_customers}", "it is 1 or more"
        )
