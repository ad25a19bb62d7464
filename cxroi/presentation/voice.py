"""What customers write, for readers: themes, what goes with them, and how far comments tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..results.display import Noted, Table, Text
from ..results.formats import aligned, percent, shown_p, value_beside_interval
from ..study.voice import LANGUAGES
from .drawing.rows import Block, Row, row_chart
from .figures import Picture

if TYPE_CHECKING:
    from ..results.estimate import Estimate
    from ..voice.theme import Theme, Voice

MOST = 20
CALLED = 0.05
_WITH = "score with it, less without"
_NO_THEME = "No theme was found in both halves of the customers."
ASSOCIATION = (
    "Comments with a theme are held against comments without it, the other themes, language and "
    "wave held equal. That is an association: what brought customers to write so may have moved "
    "their score as well. Themes were learned from other customers than those they are counted "
    "among. Chances are corrected for the number of themes, and of outcomes."
)


def overview(voice: Voice) -> Text:
    """Say how many comments were read, in which languages, and how far they can be relied on."""
    said = [_read(voice), _tone(voice.tone)]
    if voice.reports.estimate:
        said.append(
            f"{percent(voice.reports.estimate)} of the comments report that their customer has "
            "left or cancelled. They tell what happened, not why, and are in no effect."
        )
    return Text((*said, *_misread(voice), *voice.notes), "list")


def _read(voice: Voice) -> str:
    total = sum(voice.languages.values())
    if len(voice.languages) == 1:
        return f"{total:,} comments were read, in {LANGUAGES[next(iter(voice.languages))]}."
    each = ", ".join(f"{LANGUAGES[code]} {n:,}" for code, n in voice.languages.items())
    return f"{total:,} comments were read: {each}."


def _tone(tone: Estimate) -> str:
    value, low, high = aligned([tone.estimate, tone.conf_low, tone.conf_high], digits=2)
    return (
        "What a comment sounds like goes with the score beside it: correlation "
        f"{value} ({low} to {high}), learned from the words and scores of "
        "other customers; no list of good and bad words was used."
    )


def _misread(voice: Voice) -> list[str]:
    share, *scores = voice.misread
    if not scores:
        why = share.note[:1].lower() + share.note[1:]
        return [f"Whether comments contradict their scores: {why}"]
    if not share.estimate:
        return ["No comment contradicts its score."]
    every, without, change = scores
    values = aligned(
        [every.estimate, without.estimate, change.estimate, change.conf_low, change.conf_high]
    )
    return [
        f"At least {percent(share.estimate)} of the comments ({percent(share.conf_low)} to "
        f"{percent(share.conf_high)}) contradict their score, as of customers who took the scale "
        f"the wrong way round. Without these answers the score is {values[1]} in place of "
        f"{values[0]} {every.unit}: a change of {values[2]} ({values[3]} to {values[4]})."
    ]


def themes(voice: Voice, most: int = MOST) -> Table | Text:
    """Return the themes: their words, how frequent they are, and what score goes with them."""
    if not voice.themes:
        return Text((_NO_THEME,))
    import pandas as pd

    shown = voice.themes[:most]
    effects = [one.score_effect for one in shown]
    values = aligned([e.estimate for e in effects])
    lows, highs = aligned([e.conf_low for e in effects]), aligned([e.conf_high for e in effects])
    rows = [
        {
            "theme": theme.title,
            "typical words": _words(theme),
            "comments": f"{theme.n:,}",
            "share of comments": percent(theme.share.estimate),
            "95 % interval": f"{percent(theme.share.conf_low)} to {percent(theme.share.conf_high)}",
            "change a wave": percent(theme.trend.estimate, "points"),
            _WITH: values[at],
            "its 95 % interval": f"{lows[at]} to {highs[at]}".replace("– to –", "–"),
            "beyond chance": _beyond(effects[at]),
        }
        for at, theme in enumerate(shown)
    ]
    return Noted(pd.DataFrame(rows), ASSOCIATION)


def _words(theme: Theme) -> str:
    if len(theme.words) == 1:
        return ", ".join(next(iter(theme.words.values())))
    return "; ".join(f"{LANGUAGES[code]}: {', '.join(w[:3])}" for code, w in theme.words.items())


def _beyond(effect: Estimate) -> str:
    if effect.p_value is None:
        return "cannot tell"
    return f"{'yes' if effect.beyond_chance(CALLED) else 'no'} (p {shown_p(effect.p_value)})"


def outcomes(voice: Voice, currency: str) -> Table | Text:
    """Return what customers who wrote of a theme did, less the others; and that in money."""
    if not any(theme.outcomes for theme in voice.themes):
        return Text(("What customers did afterwards was not set against what they wrote.",))
    import pandas as pd

    rows = []
    for theme in voice.themes:
        for name, effect in theme.outcomes.items():
            value, ends = value_beside_interval(effect, currency)
            stake, stake_ends = value_beside_interval(theme.stakes.get(name), currency)
            rows.append(
                {
                    "theme": theme.title,
                    "outcome": name.replace("_", " "),
                    "with the theme, less without": value,
                    "95 % interval": ends,
                    "unit": effect.unit,
                    "beyond chance": _beyond(effect),
                    "over all who wrote": stake,
                    "its 95 % interval": stake_ends,
                }
            )
    return Noted(pd.DataFrame(rows), ASSOCIATION)


def waves(voice: Voice, most: int = MOST) -> Table | Text:
    """Return the share of each theme in each wave."""
    names = list(dict.fromkeys(w.term for theme in voice.themes for w in theme.waves))
    if len(names) < 2:
        return Text(("A single wave: nothing can be said of a trend.",))
    import pandas as pd

    rows = []
    for theme in voice.themes[:most]:
        of = {wave.term: percent(wave.estimate) for wave in theme.waves}
        rows.append({"theme": theme.title, **{name: of.get(name, "–") for name in names}})
    return Table(pd.DataFrame(rows))


def quotes(voice: Voice) -> Table | Text:
    """Return the masked comments that the study asks for."""
    rows = [(theme.title, quote) for theme in voice.themes for quote in theme.quotes]
    if not rows:
        return Text(("No comment is shown: the study does not ask for quotes.",))
    import pandas as pd

    return Table(pd.DataFrame(rows, columns=["theme", "a comment, masked"]))


def effects(voice: Voice, most: int = MOST) -> Picture | Text:
    """Show how the score of comments with a theme differs from that of the others."""
    told = [t for t in voice.themes if t.score_effect.estimate is not None][:most]
    if not told:
        return Text((_NO_THEME,))
    told = sorted(told, key=lambda theme: theme.score_effect.estimate or 0.0)
    rows = _rows(told)
    unit = told[0].score_effect.unit
    said = ", ".join(f"{row.label} {row.shown}" for row in rows)
    block = Block(rows, "Score of comments with the theme, less without", unit)
    return Picture("What goes with the score", f"With 95 % intervals. {said}.", *row_chart([block]))


def _rows(told: Sequence[Theme]) -> list[Row]:
    values = aligned([theme.score_effect.estimate for theme in told])
    return [
        Row(
            theme.title,
            theme.score_effect.estimate,
            theme.score_effect.conf_low,
            theme.score_effect.conf_high,
            value,
            strong=theme.score_effect.beyond_chance(CALLED),
        )
        for theme, value in zip(told, values, strict=True)
    ]
