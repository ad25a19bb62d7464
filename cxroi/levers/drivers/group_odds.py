"""Odds of the score's groups by input: one ratio for every step, and each step by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...errors import CxroiError, ModelError, ScarceDataError
from ...moments.influence import normal_interval, normal_p_value
from ...results.display import significant
from ...results.estimate import CONF_LEVEL, Estimate
from ...results.multiplicity import holm
from ...results.thresholds import FEWEST_EVENTS, MINIMUM_GROUP
from ...study.levers import slug
from .driver_columns import ANSWERS_A_COLUMN, within_waves
from .group_fits import refuse_infinite
from .joint_tests import adding
from .multinomial import fit_multinomial
from .parallel_lines import parallel_lines
from .proportional_odds import fit_proportional_odds

if TYPE_CHECKING:
    from ...arrays import Flags, Floats, Integers
    from .driver_columns import DriverColumns, Input
    from .group_fits import GroupFit

PER_DEVIATION = "odds ratio for each standard deviation more"


@dataclass(frozen=True, eq=False)
class Odds:
    """What the models of the score's groups tell, by input.

    Attributes
    ----------
    steps
        Of a better group, the same for every step: the proportional-odds model.
    ends
        Of not being in the worst group, and of being in the best, each by itself.
    rather
        Of each other group rather than the one moved from: the multinomial logit. Falls are not
        rises turned round.
    parallel
        p value that one ratio serves every step, after Holm over inputs.
    whole
        Brant's test over all inputs.
    notes
        Which answers are not in these models.
    refusal
        Why there is none of this.
    """

    steps: Mapping[str, tuple[Estimate, ...]] = field(default_factory=dict)
    ends: Mapping[str, tuple[Estimate, ...]] = field(default_factory=dict)
    rather: Mapping[str, tuple[Estimate, ...]] = field(default_factory=dict)
    parallel: Mapping[str, float] = field(default_factory=dict)
    whole: Estimate | None = None
    notes: tuple[str, ...] = ()
    refusal: CxroiError | None = field(default=None, compare=False)


def group_odds(columns: DriverColumns, kept: Flags, origin: str) -> Odds:
    """Fit the models of the score's groups, waves held equal.

    Parameters
    ----------
    kept
        Columns that add to those before them.
    origin
        The group against which the multinomial model sets every other; the middle one where it
        has no answers.

    Returns
    -------
    Odds
        With nothing but the reason where the models were refused.
    """
    try:
        return _fitted(columns, kept, origin)
    except ModelError as refusal:
        refusal.__context__ = None
        return Odds(refusal=refusal.with_traceback(None))


def _fitted(columns: DriverColumns, kept: Flags, origin: str) -> Odds:
    columns, kept, notes = _without_sure_answers(columns, kept)
    labels, group = _present(columns)
    matrix = np.column_stack([columns.matrix[:, kept], _wave_dummies(columns)])
    _refuse_few(labels, group, int(kept.sum()))
    rows = (group, matrix, columns.weight, columns.cluster)
    names = [n for n, stays in zip(columns.names, kept, strict=True) if stays]
    steps = fit_proportional_odds(*rows, names)
    lines = parallel_lines(*rows, names)
    base = labels.index(origin) if origin in labels else (len(labels) - 1) // 2
    rather = fit_multinomial(*rows, base, names)
    for slopes in (steps.slopes, rather.slopes, *(fit.slopes for fit in lines.fits)):
        refuse_infinite(slopes[:, : len(names)], names)
    places = _places(columns, kept)
    alike = {name: lines.p_of(own) for name, own in places.items()}
    told = _Told(columns, kept, len(group))
    return Odds(
        {name: told.of_steps(name, steps) for name in places},
        {name: told.of_ends(name, lines.fits, labels) for name in places},
        {name: told.of_others(name, rather, labels, base) for name in places},
        dict(zip(alike, map(float, holm(list(alike.values()))), strict=True)),
        _whole(lines.p_value, len(group), len(labels)),
        notes,
    )


def _without_sure_answers(
    columns: DriverColumns, kept: Flags
) -> tuple[DriverColumns, Flags, tuple[str, ...]]:
    """Leave out the answers of levels, or marks, in which hardly any answer is of some group.

    Their odds would be infinite, or nearly so.
    """
    labels, group = _present(columns)
    stays, sure = np.ones(len(group), dtype=bool), []
    for place in np.flatnonzero(kept):
        column = columns.matrix[:, place]
        if not np.all((column == 0) | (column == 1)):
            continue
        counts = np.bincount(group[column == 1], minlength=len(labels))
        if counts.min() < FEWEST_EVENTS:
            stays &= column == 0
            sure.append(f"{columns.names[place]} ({counts.sum():,})")
    if not sure:
        return columns, kept, ()
    note = (
        f"Not in the odds, for a group with under {FEWEST_EVENTS} answers there: {', '.join(sure)}."
    )
    fewer = columns.only(stays)
    x = within_waves(fewer.matrix, fewer.weight, fewer.waves)
    return fewer, kept & adding(x.T @ (x * fewer.weight[:, None])), (note,)


@dataclass(frozen=True, eq=False)
class _Told:
    """Slopes of log odds told as ratios."""

    columns: DriverColumns
    kept: Flags
    n: int

    def of_steps(self, name: str, fit: GroupFit) -> tuple[Estimate, ...]:
        """Return the odds of a better group, the same for every step."""
        cuts = len(fit.params) - fit.slopes.shape[1]
        errors = np.sqrt(np.diag(fit.covariance))[cuts:]
        return self.odds(name, "odds_ratio", "a better group", fit.slopes[0], errors)

    def of_ends(
        self, name: str, fits: Sequence[GroupFit], labels: list[str]
    ) -> tuple[Estimate, ...]:
        """Return the odds of leaving the worst group and of reaching the best, each by itself."""
        made: tuple[Estimate, ...] = ()
        for cut, (figure, words) in _ends_of(labels).items():
            errors = np.sqrt(np.diag(fits[cut].covariance))[1:]
            made += self.odds(name, figure, words, fits[cut].slopes[0], errors)
        return made

    def of_others(
        self, name: str, fit: GroupFit, labels: list[str], base: int
    ) -> tuple[Estimate, ...]:
        """Return the odds of every other group rather than the one at `base`."""
        made: tuple[Estimate, ...] = ()
        errors = np.sqrt(np.diag(fit.covariance)).reshape(len(fit.slopes), -1)[:, 1:]
        others = [label for label in labels if label != labels[base]]
        for label, slopes, own in zip(others, fit.slopes, errors, strict=True):
            figure = f"{slug(label)}_rather_than_{slug(labels[base])}"
            made += self.odds(name, figure, f"{label} rather than {labels[base]}", slopes, own)
        return made

    def odds(
        self, name: str, figure: str, contrast: str, slopes: Floats, errors: Floats
    ) -> tuple[Estimate, ...]:
        """Return an estimate for a quantity, and one a level for a category."""
        one = next(i for i in self.columns.inputs if i.driver.name == name)
        made = []
        for column, level in self._own(one):
            place = int(self.kept[:column].sum())
            made.append(self._ratio(one, figure, contrast, level, slopes[place], errors[place]))
        return tuple(made)

    def _own(self, one: Input) -> Iterator[tuple[int, str]]:
        levels = one.levels or ("",)
        for column, level in zip(one.columns, levels, strict=False):  # the mark of unknown is none
            if self.kept[column]:
                yield column, level

    def _ratio(
        self, one: Input, figure: str, contrast: str, level: str, slope: float, error: float
    ) -> Estimate:
        freedom = self.columns.clusters - 1
        low, high = normal_interval(slope, error, CONF_LEVEL, freedom)
        last = f".{_level_name(one, level)}" if level else ""
        unit = f"odds ratio against {one.base}" if level else PER_DEVIATION
        size = f"{significant(one.deviation, 3)} {one.driver.unit}".strip()
        return Estimate(
            f"driver.{one.driver.name}.{figure}{last}",
            float(np.exp(slope)),
            float(np.exp(low)),
            float(np.exp(high)),
            float(np.exp(slope) * error),
            unit,
            self.n,
            "logit of the groups, inputs and waves held equal; errors by cluster",
            "" if level else f"One standard deviation is {size}.",
            term=level,
            contrast=contrast,
            p_value=normal_p_value(slope, error, freedom),
        )


def _level_name(one: Input, level: str) -> str:
    """Return a level as a part of a name; with its place where another is spelled like it."""
    alike = [other for other in one.levels if slug(other) == slug(level)]
    return slug(level) if len(alike) == 1 and slug(level) else f"level_{one.levels.index(level)}"


def _ends_of(labels: list[str]) -> dict[int, tuple[str, str]]:
    """Return the first and the last threshold, and what is on its better side."""
    first = (f"leaves_{slug(labels[0])}", f"any group but {labels[0]}")
    last = (f"reaches_{slug(labels[-1])}", f"{labels[-1]} rather than any other group")
    return {0: first} | {len(labels) - 2: last} if len(labels) > 2 else {0: last}


def _places(columns: DriverColumns, kept: Flags) -> dict[str, list[int]]:
    """Return where the columns of each input are among those that are kept."""
    found = {
        one.driver.name: [int(kept[:c].sum()) for c in one.columns if kept[c]]
        for one in columns.inputs
    }
    return {name: own for name, own in found.items() if own}


def _present(columns: DriverColumns) -> tuple[list[str], Integers]:
    """Return the groups that have answers, worst first, and the group of each row among them."""
    counts = np.bincount(columns.group, minlength=len(columns.labels))
    labels = [label for label, count in zip(columns.labels, counts, strict=True) if count]
    return labels, (np.cumsum(counts > 0) - 1)[columns.group]


def _refuse_few(labels: list[str], group: Integers, width: int) -> None:
    if len(labels) < 2:
        raise ScarceDataError("all answers are of one group", "odds need two", "Pool more waves")
    counts = np.bincount(group)
    least = max(MINIMUM_GROUP, ANSWERS_A_COLUMN * width)
    if counts.min() < least:
        raise ScarceDataError(
            f"{counts.min():,} answers are {labels[int(counts.argmin())]}",
            f"odds of {width} columns need at least {least:,} answers in every group",
            "Declare fewer inputs, or pool more waves",
        )


def _wave_dummies(columns: DriverColumns) -> Floats:
    """Return a dummy for each wave in which every group has answers, but the largest."""
    group = _present(columns)[1]
    cells = np.zeros((int(columns.waves.max()) + 1, int(group.max()) + 1))
    np.add.at(cells, (columns.waves, group), 1)
    large = np.flatnonzero(cells.min(axis=1) >= FEWEST_EVENTS)
    named = [wave for wave in large if wave != cells.sum(axis=1).argmax()]
    dummies = columns.waves[:, None] == np.array(named, dtype=np.int64)[None, :]
    return np.asarray(dummies, dtype=float)


def _whole(p_value: float, n: int, groups: int) -> Estimate | None:
    if groups < 3:
        return None
    return Estimate(
        "drivers.parallel_lines",
        p_value,
        None,
        None,
        None,
        "p value",
        n,
        "Brant's Wald test that one odds ratio serves every step between groups; errors by cluster",
        "A test has no interval.",
        p_value=p_value,
    )
