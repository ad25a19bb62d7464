"""What moves the score, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..levers.drivers.weighing import DRIVER, SHARED
from ..results.display import significant
from ..results.estimate import CONF_LEVEL
from ..results.formats import percent, whole_percent
from .labels import listed, titled

if TYPE_CHECKING:
    from ..levers.drivers.driver_finding import DriverFinding
    from ..levers.drivers.found import Drivers
    from ..results.estimate import Estimate

# Drivers that are told one by one; the table has all.
MOST_TOLD = 5
EACH = "“Each … more” is one standard deviation, a usual difference between two answers."
CAVEAT = (
    "An input goes with the score; that it moves the score is not shown, for whatever else differs "
    "between customers may move both."
)


def sentences(drivers: Drivers) -> tuple[str, ...]:
    """Say what goes with the score, how much, in which direction, and what was not possible."""
    said = [_together(drivers), *_found(drivers), *_shared(drivers), *_against(drivers)]
    said += [*_needed(drivers), *_first_to_mend(drivers), *_steps(drivers), *_halo(drivers)]
    said += [CAVEAT, *drivers.notes]
    refused = drivers.refused.items()
    return (*said, *(f"Not used: {name.replace('_', ' ')}: {why}" for name, why in refused))


def claim(drivers: Drivers) -> str:
    """Return in one line what goes with the score most."""
    if not drivers.found:
        return f"No driver of {drivers.study.scale.title} was found"
    first = drivers.found[0]
    return f"{titled(first.driver.title)} goes with {drivers.study.scale.title} most"


def _together(drivers: Drivers) -> str:
    total, count = drivers.r_squared, len(drivers.findings)
    inputs = "one input goes" if count == 1 else f"{count} inputs together go"
    return (
        f"Of the differences in {drivers.study.scale.title} between {drivers.answers:,} answers of "
        f"{drivers.clusters:,} {drivers.unit}, {inputs} with {percent(total.estimate)} "
        f"({interval(total)})."
    )


def _found(drivers: Drivers) -> list[str]:
    found = drivers.found
    count = len(drivers.findings)
    tests = f"after a correction for {count} inputs" if count > 1 else "beyond chance"
    if not found:
        return [f"No driver was found: none goes with it beyond all others, {tests}."]
    said = []
    for one in found[:MOST_TOLD]:
        share, way = one.importance["lmg_share"], direction(one)
        more = f"; {_each(one)} goes with {way}" if way != "–" else _by_being_known(one)
        said.append(
            f"{titled(one.driver.title)} accounts for {whole_percent(share.estimate)} "
            f"({interval(share)}) of what is explained{more}."
        )
    rest = [one.driver.title for one in found[MOST_TOLD:]]
    said += [f"So do, less, {listed(rest)}."] if rest else []
    return [*said, f"These hold {tests}. {EACH}"]


def _shared(drivers: Drivers) -> list[str]:
    names = [one.driver.title for one in drivers.ranked if one.kind == SHARED]
    if not names:
        return []
    go = "goes" if len(names) == 1 else "go"
    return [
        f"{titled(listed(names))} {go} with the score too, but not shown to do so beyond the other "
        "inputs."
    ]


def _against(drivers: Drivers) -> list[str]:
    return [
        f"{titled(one.driver.title)} is declared to be better {one.driver.better or 'higher'}, and "
        "the score is better the other way, with all other inputs held equal: see whether it is "
        "read the right way round."
        for one in drivers.found
        if one.against_declared
    ]


def _needed(drivers: Drivers) -> list[str]:
    label = drivers.study.scale.labels[-1]
    said = []
    for one in drivers.ranked:
        if one.must_have is not None and one.must_have.found:
            least, less = ("least", "less") if one.direction.sign > 0 else ("most", "more")
            said.append(
                f"{titled(one.driver.title)} is a must-have: of {one.must_have.short:,} answers "
                f"with {less} than {measure(one.must_have.needed)} none is '{label}', which is "
                f"seen only with at {least} that."
            )
    return said


def _first_to_mend(drivers: Drivers) -> list[str]:
    names = [one.driver.title for one in drivers.priorities]
    if not names:
        return []
    return [f"More important than usual, and standing worse than usual: {listed(names)}."]


def _steps(drivers: Drivers) -> list[str]:
    names = [one.driver.title for one in drivers.ranked if steps_differ(drivers, one.driver.name)]
    if not names:
        return []
    labels = drivers.study.scale.labels
    return [
        f"{titled(listed(names))} {'does' if len(names) == 1 else 'do'} not go with every step "
        f"between groups alike: leaving '{labels[0]}' and reaching '{labels[-1]}' are shown apart."
    ]


def _halo(drivers: Drivers) -> list[str]:
    halo = drivers.halo
    if halo is None or not halo.strong:
        return []
    return [
        f"The ratings among the inputs largely follow one general impression: it carries "
        f"{whole_percent(halo.share)} of their differences (halo). What each adds beyond it is "
        "shown beside its importance."
    ]


def steps_differ(drivers: Drivers, name: str) -> bool:
    """Whether one odds ratio does not serve every step between groups."""
    return drivers.odds.parallel.get(name, 1.0) < 1 - CONF_LEVEL


def direction(one: DriverFinding) -> str:
    """Return by how much the score differs with a standard deviation more; a dash where unshown."""
    slope = one.slope
    if slope is None or slope.estimate is None or not one.way:
        return "–"
    way = "better" if one.way > 0 else "worse"
    return f"a score {significant(abs(slope.estimate), 2)} points {way}"


def _by_being_known(one: DriverFinding) -> str:
    if one.slope is None or one.kind != DRIVER or not one.missing:
        return ""
    return (
        "; it goes with the score by whether it is known at all, and that a score is better or "
        "worse with more of it is not shown"
    )


def _each(one: DriverFinding) -> str:
    return f"each {significant(one.deviation, 2)} {one.driver.unit} more".replace("  ", " ")


def measure(estimate: Estimate) -> str:
    """Return a figure in its unit."""
    unit = estimate.unit.removesuffix("s") if estimate.estimate == 1 else estimate.unit
    return f"{significant(estimate.estimate, 3)} {unit}".strip()


def interval(estimate: Estimate) -> str:
    """Return an interval of a share."""
    return f"{percent(estimate.conf_low)} to {percent(estimate.conf_high)}"
