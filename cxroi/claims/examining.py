"""Examining: each claim against the tables of a study, and all verdicts together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import CxroiError, ParameterError, attempt, nearest
from ..metrics.needs import lacking_of
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from .catalogue import CLAIMS
from .claim import Claim
from .evidence import Evidence
from .rule import CANNOT_TELL, NEEDS, NOT_FOR_ONE, Ruling, rule, together

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables
    from ..study.declared import Study

NOT_THE_SAME = "ours is not the same thing, and has no verdict"


@dataclass(frozen=True)
class Examined:
    """A claim beside what a study's own tables say.

    Attributes
    ----------
    name
        Of the claim.
    verdict
        ``holds``, ``does not hold``, ``cannot tell``, ``needs: ...`` or ``not for one company to
        tell``.
    estimate
        Ours; None where there is none. With ``needs`` it is of something near, not of the claim.
    why
        Why there is none, or why a verdict was taken back.
    alone
        The verdict of the interval by itself; empty where it was not asked.
    p_value
        Of the verdict, corrected for all claims that were held against the data.
    """

    name: str
    verdict: str
    estimate: Estimate | None = None
    why: str = ""
    alone: str = ""
    p_value: float | None = None

    @property
    def claim(self) -> Claim:
        """The claim: its words, number, and what it rests on."""
        return CLAIMS[self.name]


@dataclass(frozen=True, repr=False)
class Claims(TidyMixin):
    """Claims held against a study, in the order of the catalogue."""

    examined: tuple[Examined, ...]

    @property
    def held(self) -> tuple[Examined, ...]:
        """Those of which an estimate was held against the claim."""
        return tuple(one for one in self.examined if one.alone)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Our figures, named ``claim.<name>``, the verdict in the note."""
        return tuple(one.estimate for one in self.examined if one.estimate is not None)

    def of(self, name: str) -> Examined:
        """Return one claim."""
        return next(one for one in self.examined if one.name == name)

    def only(self, names: Sequence[str]) -> Claims:
        """Return some of the claims with the verdicts that they have among all.

        Raises
        ------
        ParameterError
            A name that there is not.
        """
        _check(names)
        return Claims(tuple(one for one in self.examined if not names or one.name in names))

    def tidy(self) -> pd.DataFrame:
        """Return one row a claim: ours with interval, verdict, why, what it rests on."""
        import pandas as pd

        rows = []
        for one in self.examined:
            e = one.estimate
            rows.append(
                {
                    "claim": one.name,
                    "number": one.claim.number,
                    "estimate": e.estimate if e else None,
                    "conf_low": e.conf_low if e else None,
                    "conf_high": e.conf_high if e else None,
                    "unit": e.unit if e else "",
                    "n": e.n if e else 0,
                    "verdict": one.verdict,
                    "why": one.why,
                    "rests_on": one.claim.rests_on,
                    "p_value": one.p_value,
                }
            )
        return pd.DataFrame(rows)


def examine_claims(
    tables: Tables, names: Sequence[str] = (), left_out: Mapping[str, str] | None = None
) -> Claims:
    """Hold claims against the tables of a study.

    What one claim lacks, or refuses, costs the others nothing. Verdicts are corrected for as many
    claims as are asked for: who picks a few after a look at all corrects too little, see
    `Claims.only`.

    Parameters
    ----------
    tables
        Read with ``every=True``.
    names
        Which; all when empty.
    left_out
        Tables that could not be read, and why.

    Raises
    ------
    ParameterError
        A name that there is not.

    Examples
    --------
    >>> cx.examine_claims(tables).of("lost_in_five_years").verdict  # doctest: +SKIP
    """
    _check(names)
    evidence = Evidence(tables)
    chosen = [CLAIMS[name] for name in names] or list(CLAIMS.values())
    found = [_examined(claim, evidence, left_out or {}) for claim in chosen]
    return Claims(tuple(_corrected(found)))


def _check(names: Sequence[str]) -> None:
    for name in names:
        if name not in CLAIMS:
            raise ParameterError(f"there is no claim {name!r}", fix=nearest(name, CLAIMS))


def _examined(claim: Claim, evidence: Evidence, left_out: Mapping[str, str]) -> Examined:
    if claim.find is None:
        if claim.untold.startswith(NEEDS):
            return Examined(claim.name, claim.untold)
        return Examined(claim.name, NOT_FOR_ONE, why=claim.untold)
    if claim.said is None:
        return _near(claim, claim.find, evidence)
    lacking = lacks(claim, evidence.study)
    if lacking:
        unread = [f"{name} could not be read" for name in left_out if f"[tables.{name}]" in lacking]
        return Examined(claim.name, f"{NEEDS}: {lacking}", why="; ".join(unread))
    made = attempt(partial(claim.find, evidence))
    if isinstance(made, CxroiError):
        return Examined(claim.name, CANNOT_TELL, why=str(made))
    ruling = rule(made, claim.said)
    return Examined(claim.name, ruling.verdict, made, alone=ruling.verdict, p_value=ruling.p_value)


def _near(claim: Claim, find: Callable[[Evidence], Estimate], evidence: Evidence) -> Examined:
    """Return a claim that no table can tell, with what is near to it where that can be had."""
    if lacks(claim, evidence.study):
        return Examined(claim.name, claim.untold)
    made = attempt(partial(find, evidence))
    if isinstance(made, CxroiError):
        return Examined(claim.name, claim.untold, why=f"what is near to it cannot be had: {made}")
    why = "; ".join(part for part in (NOT_THE_SAME, made.note) if part)
    note = f"{claim.untold}; {why}"
    estimate = replace(made, name=f"claim.{claim.name}", term=claim.claim, note=note)
    return Examined(claim.name, claim.untold, estimate, why)


def _corrected(found: Sequence[Examined]) -> list[Examined]:
    """Return the claims with the verdicts that stand when all are looked at."""
    held = [one for one in found if one.alone]
    rulings = iter(together([Ruling(one.alone, one.p_value or 0.0) for one in held]))
    return [
        _named(one, one.estimate, next(rulings)) if one.estimate is not None and one.alone else one
        for one in found
    ]


def _named(one: Examined, e: Estimate, ruling: Ruling) -> Examined:
    taken_back = ruling.verdict != one.alone
    why = f"alone it {one.alone}, but among so many claims that may be chance" if taken_back else ""
    note = "; ".join(part for part in (ruling.verdict, why, e.note) if part)
    estimate = replace(e, name=f"claim.{one.name}", term=one.claim.claim, note=note)
    return replace(
        one,
        verdict=ruling.verdict,
        estimate=estimate,
        why="; ".join(part for part in (why, e.note) if part),
        p_value=ruling.p_value,
    )


def lacks(claim: Claim, study: Study) -> str:
    """Return what a claim needs and a study does not declare, in words; empty where it has all."""
    said = []
    for need, columns in claim.needs.items():
        ways = [_lack(way, columns, study) for way in need.split("|")]
        if all(ways):
            several = len(set(ways)) > 1
            said.append(("either " if several else "") + " or ".join(dict.fromkeys(ways)))
    return " and ".join(said)


def _lack(need: str, columns: tuple[str, ...], study: Study) -> str:
    kind, _, name = need.partition(":")
    ask: dict[str, Callable[[], bool]] = {
        "outcome": lambda: any(outcome.name == name for outcome in study.outcomes),
        "scenario": lambda: study.scenario is not None and name not in study.scenario.defaults,
    }
    if kind in ask:
        section = "[outcomes]" if kind == "outcome" else "[scenario]"
        return "" if ask[kind]() else f"{name} of {section}"
    return lacking_of({need: columns}, study)
