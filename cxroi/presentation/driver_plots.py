"""What moves the score as pictures: importance with intervals, and importance against standing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import ModelError
from ..levers.drivers.weighing import DRIVER
from ..results.formats import percent, whole_percent
from .drawing.area import Area
from .drawing.rows import Block, Row, row_chart
from .drawing.scale import Scale
from .drawing.svg import short, text
from .driver_words import claim
from .figures import Picture
from .labels import titled

if TYPE_CHECKING:
    from ..levers.drivers.driver_finding import DriverFinding
    from ..levers.drivers.found import Drivers

HEIGHT, _TOP = 260, 22
_AREA = Area(48, 30)
# Inputs that are drawn, the most important.
MOST = 12
LONGEST = 52
KEY = (
    "diamond: a driver, important and worse than usual",
    "full circle: a driver; open: not beyond the others",
    "lines: means of the inputs shown or not",
)


def importance_bars(drivers: Drivers) -> Picture:
    """Show the share of what is explained that each input accounts for, with intervals."""
    rows = [
        Row(
            titled(one.driver.title),
            100 * (share.estimate or 0.0),
            100 * (share.conf_low or 0.0),
            100 * (share.conf_high or 0.0),
            whole_percent(share.estimate),
            "high" if one.kind == DRIVER else "mid",
            strong=one.kind == DRIVER,
        )
        for one in drivers.ranked[:MOST]
        for share in [one.importance["lmg_share"]]
    ]
    told = ", ".join(
        f"{row.label} {row.shown}, from {row.low:.0f} to {row.high:.0f} %" for row in rows
    )
    values = f"Share of what is explained, with 95 % intervals; drivers in full: {told}."
    block = Block(rows, "Importance", "% of what is explained", bars=False)
    return Picture(claim(drivers), values, *row_chart([block]))


def importance_and_standing(drivers: Drivers) -> Picture:
    """Show how important inputs are against how near they stand to their best.

    Upper left is what matters and stands badly. Lines are the means of both.

    Raises
    ------
    ModelError
        Of no input is it known which end is better.
    """
    placed = [one for one in drivers.ranked if one.performance is not None][:MOST]
    if not placed or drivers.usual is None:
        raise ModelError(
            "of no input is it known which end is better",
            "a picture of how inputs stand needs a better end",
            "Declare it in better of [drivers]",
        )
    up = Scale.of([drivers.usual[1], *map(_share, placed)], room=0.12)
    across = Scale.of([drivers.usual[0], *map(_stand, placed)], zero=False, room=0.12)
    drawn = _axes(across, up, *drivers.usual) + _dots(drivers, placed, across, up)
    height = float(_TOP + HEIGHT + 44)
    names = [f"{n} {titled(one.driver.title)}" for n, one in enumerate(placed, start=1)]
    for line in (*KEY, *names):
        drawn += text(short(line, LONGEST), 0, height + 12, "tick")
        height += 17
    told = "; ".join(map(_told, placed))
    values = f"Share of what is explained, and how far on the way from worst to best: {told}."
    head = f"What matters for {drivers.study.scale.title}, and how it stands"
    return Picture(head, values, drawn, height + 4)


def _dots(drivers: Drivers, placed: Sequence[DriverFinding], across: Scale, up: Scale) -> str:
    first = {one.driver.name for one in drivers.priorities}
    drawn, numbers = "", ""
    for number, one in enumerate(placed, start=1):
        x, y = across.share(_stand(one)), _down(up, _share(one))
        look = "low" if one.driver.name in first else "high" if one.kind == DRIVER else "mid"
        drawn += _AREA.dot(x, y, look)
        numbers += _AREA.write(str(number), x, y + 4, "tick halo", dx=9)
    return drawn + numbers


def _axes(across: Scale, up: Scale, stand: float, share: float) -> str:
    bottom = _TOP + HEIGHT
    drawn = text("share of what is explained ↑", 0, 13, "tick")
    for value in up.ticks():
        drawn += text(f"{100 * value:.0f} %", 40, _down(up, value) + 4, "tick end")
    drawn += _AREA.axis(across, bottom, lambda value: f"{100 * value:.0f} %")
    drawn += _AREA.write("on the way from worst to best →", 0.5, bottom + 36, "tick middle")
    drawn += _AREA.upright(across.share(stand), _TOP, bottom, "ref")
    return drawn + _AREA.stretch(0, 1, _down(up, share), 1, "axis")


def _stand(one: DriverFinding) -> float:
    return (one.performance.estimate if one.performance else None) or 0.0


def _share(one: DriverFinding) -> float:
    return one.importance["lmg_share"].estimate or 0.0


def _down(up: Scale, share: float) -> float:
    return _TOP + HEIGHT * (1 - up.share(share))


def _told(one: DriverFinding) -> str:
    stands = whole_percent(_stand(one))
    return f"{titled(one.driver.title)} {percent(_share(one))}, stands at {stands}"
