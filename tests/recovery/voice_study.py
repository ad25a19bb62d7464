"""How often themes are found and called, and whether their planted effects are covered.

    PYTHONPATH=tests:tests/recovery OMP_NUM_THREADS=1 python tests/recovery/voice_study.py \
        --companies 100

Companies whose customers write in eight languages (or in some of them) about five things, at most
two in a comment, in phrases of `voice_phrases.py`. Customers differ for good, and may answer
twice. In the world ``planted`` four themes lower or raise the score by `EFFECTS`; in ``nothing``
the score has to do with no word of any comment. What is true of a theme is its coefficient in a
regression of the score on what was written, in a company of 200,000 comments.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from journey_tables import stand
from voice_phrases import PHRASES, THEMES

from cxroi.voice import find_themes

EFFECTS = {"late": -2.0, "staff": -1.0, "app": -1.5, "price": 1.0, "clean": 0.0}
SHARES = {"late": 0.25, "staff": 0.2, "app": 0.2, "price": 0.2, "clean": 0.15}
LOST = {"late": 0.15, "app": 0.1}  # of churn
NOTHING, TWO = 0.25, 0.2  # comments about nothing, about two things


@dataclass(frozen=True)
class Company:
    """Frames by role; what each comment is about, and what came of its customer."""

    frames: dict
    about: np.ndarray
    language: np.ndarray
    outcomes: pd.DataFrame


def company(seed, comments=4_000, languages=tuple(PHRASES), planted=True):
    """Return one company."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, round(0.8 * comments), comments)
    about = _about(rng, comments)
    spoken = rng.integers(0, len(languages), customer.max() + 1)[customer]
    text = [_comment(rng, PHRASES[languages[k]], about[row]) for row, k in enumerate(spoken)]
    score, lost = _score(rng, customer, about, planted)
    day = np.sort(rng.integers(0, 365, comments))[::-1]  # the first of a wave is the latest
    responses = pd.DataFrame(
        {
            "row": range(comments),
            "customer": [f"c{k}" for k in customer],
            "answered_at": pd.Timestamp("2025-01-01") + pd.to_timedelta(day, unit="D"),
            "score": score,
            "comment": text,
        }
    )
    outcomes = responses[["customer"]].assign(
        wave=responses["answered_at"].dt.to_period("Q").astype(str), churned_after=lost
    )
    return Company({"responses": responses}, about, np.array(languages)[spoken], outcomes)


def _about(rng, comments):
    about = np.zeros((comments, len(THEMES)), dtype=bool)
    shares = np.array([SHARES[theme] for theme in THEMES])
    first = rng.choice(len(THEMES), comments, p=shares)
    second = rng.choice(len(THEMES), comments, p=shares)
    some = rng.random(comments) >= NOTHING
    about[np.flatnonzero(some), first[some]] = True
    two = some & (rng.random(comments) < TWO)
    about[np.flatnonzero(two), second[two]] = True
    return about


def _comment(rng, phrases, about):
    parts = [
        phrases[theme][rng.integers(len(phrases[theme]))]
        for theme, says in zip(THEMES, about, strict=True)
        if says
    ]
    if not parts or rng.random() < 0.5:
        parts.append(phrases["none"][rng.integers(len(phrases["none"]))])
    rng.shuffle(parts)
    return ". ".join(parts)


def _score(rng, customer, about, planted):
    effect = np.array([EFFECTS[theme] for theme in THEMES]) * planted
    content = rng.normal(0, 1, customer.max() + 1)
    score = 7 + content[customer] + about @ effect + rng.normal(0, 1.5, len(customer))
    risk = 0.1 + planted * about @ np.array([LOST.get(theme, 0.0) for theme in THEMES])
    lost = rng.random(len(customer)) < risk
    return np.clip(np.round(score), 0, 10), lost.astype(float)


def truth(planted=True):
    """Return the coefficient of each theme, of the score and of being lost."""
    rng = np.random.default_rng(1)
    about = _about(rng, 200_000)
    score, lost = _score(rng, np.arange(200_000), about, planted)
    design = np.c_[about, np.ones(len(about))]
    found = np.linalg.lstsq(design, np.c_[score, lost], rcond=None)[0]
    return dict(zip(THEMES, found[: len(THEMES)], strict=True))


def voice_of(one, folder):
    """Return what is found in a company."""
    tables = stand(Path(folder), one.frames)
    found = find_themes(tables, outcomes=one.outcomes)
    tables.engine.connection.close()
    return found


def rand_index(one, found):
    """Return the adjusted Rand index of theme found and planted, of comments about one thing.

    Comments under several themes count under the first, the most frequent of them; those under
    none are one cluster.
    """
    from sklearn.metrics import adjusted_rand_score

    flags = found.frame[[name for name in found.frame if name.startswith("x_")]].to_numpy()
    label = np.where(flags.any(1), flags.argmax(1), -1)
    alone = one.about.sum(1) == 1
    return adjusted_rand_score(one.about.argmax(1)[alone], label[alone])


def matched(one, found):
    """Return, by planted theme, the theme found whose comments overlap most with its own."""
    of = {}
    for k, name in enumerate(THEMES):
        overlap = {
            theme.name: _overlap(one.about[:, k], found.frame[f"x_{theme.name}"].to_numpy() == 1)
            for theme in found.themes
        }
        if overlap:
            of[name] = max(overlap, key=overlap.get), max(overlap.values())
    return of


def _overlap(a, b):
    return (a & b).sum() / max((a | b).sum(), 1)


def row(seed, real, **how):
    """Return what one company shows."""
    one = company(seed, **how)
    with TemporaryDirectory() as folder:
        found = voice_of(one, folder)
    shown = {"rand": rand_index(one, found), "themes": len(found.themes)}
    p = [t.score_effect.p_value for t in found.themes if t.score_effect.p_value is not None]
    q = [e.p_value for t in found.themes for e in t.outcomes.values() if e.p_value is not None]
    shown |= {"called": min(p, default=1) <= 0.05, "lost_called": min(q, default=1) <= 0.05}
    by_name = {theme.name: theme for theme in found.themes}
    for planted, (name, overlap) in matched(one, found).items():
        for what, estimate, true in (
            ("score", by_name[name].score_effect, real[planted][0]),
            ("lost", by_name[name].outcomes.get("churned"), real[planted][1]),
        ):
            if estimate is not None and estimate.estimate is not None:
                shown[f"{what}.{planted}.covered"] = estimate.conf_low <= true <= estimate.conf_high
                shown[f"{what}.{planted}.error"] = estimate.estimate - true
        shown[f"overlap.{planted}"] = overlap
    return shown


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--companies", type=int, default=100)
    parser.add_argument("--comments", type=int, default=4_000)
    parser.add_argument("--languages", nargs="*", default=list(PHRASES))
    parser.add_argument("--nothing", action="store_true")
    parser.add_argument("--first", type=int, default=0, help="seed of the first company")
    options = parser.parse_args()
    how = {
        "comments": options.comments,
        "languages": tuple(options.languages),
        "planted": not options.nothing,
    }
    real = truth(planted=not options.nothing)
    seeds = range(options.first, options.first + options.companies)
    table = pd.DataFrame([row(seed, real, **how) for seed in seeds])
    print({theme: [round(float(x), 3) for x in both] for theme, both in real.items()})
    print(table.astype(float).mean().round(3).to_string())


if __name__ == "__main__":
    main()
