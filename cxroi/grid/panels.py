"""One panel a score: the same outcomes, each counted from the day of that score's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import CxroiError, attempt
from ..panel.building import build_panel
from ..reading.tables import read_tables
from ..study.one_score import score_names, table_of, with_score

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from ..study.declared import Study


@dataclass(frozen=True)
class ScorePanels:
    """The panel of each score of a study.

    Attributes
    ----------
    study
        As it was declared, with all its scores.
    names
        The scores, that of ``[scale]`` first.
    panels
        By score; without those that were refused.
    refusals
        Why a score has no panel.
    """

    study: Study
    names: tuple[str, ...]
    panels: Mapping[str, Panel] = field(compare=False)
    refusals: Mapping[str, CxroiError] = field(compare=False)

    @property
    def titles(self) -> Mapping[str, str]:
        """What a reader calls each score, such as ``CSAT``."""
        own = {self.study.scale.metric: self.study.scale.title}
        return own | {name: score.title for name, score in self.study.scores.items()}


def score_panels(
    study: Study,
    quarter: str = "",
    *,
    frames: Mapping[str, Any] | None = None,
    engine: str = "",
    fits: str = "",
) -> ScorePanels:
    """Build the panel of every score of a study; what one refuses stops no other.

    Parameters
    ----------
    quarter, fits
        As `build_panel` takes them.
    frames, engine
        As `read_tables` takes them.

    Raises
    ------
    StudyError
        Two scores have one name.

    Examples
    --------
    >>> panels = score_panels(study)  # doctest: +SKIP
    >>> panels.names  # doctest: +SKIP
    ('nps', 'csat', 'ces')
    """
    names = score_names(study)
    given = dict(frames or {})
    made = {
        name: attempt(partial(_panel, study, name, quarter, given, engine, fits)) for name in names
    }
    return ScorePanels(
        study,
        names,
        MappingProxyType({n: p for n, p in made.items() if not isinstance(p, CxroiError)}),
        MappingProxyType({n: p for n, p in made.items() if isinstance(p, CxroiError)}),
    )


def _panel(
    study: Study, name: str, quarter: str, frames: Mapping[str, Any], engine: str, fits: str
) -> Panel:
    own, base = with_score(study, name), "responses" if study.dated else "customers"
    given = {table: frame for table, frame in frames.items() if table in own.sources}
    table = table_of(study, name)
    if table != base:  # it stands in the place of the other answers
        given.pop(base, None)
        given |= {base: frames[table]} if table in frames else {}
    try:
        return build_panel(read_tables(own, frames=given, engine=engine), quarter, fits=fits)
    except CxroiError as refusal:
        if name not in study.scores:
            raise
        of_table = refusal.about(f"[tables.{base}]", f"[tables.{table}]")
        raise of_table.about("[scale]", f"[scores.{name}]") from None
