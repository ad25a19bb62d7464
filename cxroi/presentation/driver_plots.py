"""What moves the score as pictures: importance with intervals, and importance against standing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelError
from ..levers.weighing import DRIVER
from ..results.formats import percent, whole_percent
from .drawing.area import Area
from .drawing.rows import Block, Row, row_chart
from .drawing.scale import Scale
from .drawing.svg import short, text
from .drivers import claim
from .figures import Picture
from .labels import titled

if TYPE_CHECKING:
    from ..levers.drivers import DriverFinding, Drivers

HEIGHT, _TOP = 260, 22
MOST = 12
LONGEST = 44


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
    stand, share = drivers.usual
    up = Scale.of([share, *(one.importance["lmg_share"].estimate for one in placed)], room=0.12)
    area = Area(48, 14)
    drawn = _axes(area, up) + area.upright(stand, _TOP, _TOP + HEIGHT, "ref")
    drawn += area.stretch(0, 1, _down(up, share), 1, "axis")
    first = {one.driver.name for one in drivers.priorities}
    for number, one in enumerate(placed, start=1):
        x = one.performance.estimate if one.performance else None
        y = _down(up, one.importance["lmg_share"].estimate or 0.0)
        look = "low" if one.driver.name in first else "high" if one.kind == DRIVER else "mid"
        drawn += area.dot(x or 0.0, y, look)
        drawn += area.write(str(number), x or 0.0, y - 9, "tick middle halo")
    height = float(_TOP + HEIGHT + 44)
    for number, one in enumerate(placed, start=1):
        drawn += text(
            f"{number} {short(titled(one.driver.title), LONGEST)}", 0, height + 12, "tick"
        )
        height += 17
    told = "; ".join(map(_told, placed))
    values = f"Share of what is explained, and how far on the way from worst to best: {told}."
    head = f"What matters for {drivers.study.scale.title}, and how it stands"
    return Picture(head, values, drawn, height + 4)


def _axes(area: Area, up: Scale) -> str:
    bottom = _TOP + HEIGHT
    drawn = text("share of what is explained ↑", 0, 13, "tick")
    for value in up.ticks():
        drawn += text(f"{100 * value:.0f} %", 40, _down(up, value) + 4, "tick end")
    drawn += area.stretch(0, 1, bottom, 1, "axis")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn += area.upright(share, bottom, bottom + 5, "conn")
        drawn += area.write(f"{100 * share:.0f} %", share, bottom + 18, "tick middle")
    return drawn + area.write("from worst to best →", 0.5, bottom + 36, "tick middle")


def _down(up: Scale, share: float) -> float:
    return _TOP + HEIGHT * (1 - up.share(share))


def _told(one: DriverFinding) -> str:
    stands = one.performance.estimate if one.performance else None
    share = one.importance["lmg_share"].estimate
    return f"{titled(one.driver.title)} {percent(share)}, stands at {whole_percent(stands)}"
