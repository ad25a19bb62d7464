"""Groups in which everybody has the same of an outcome, where that is no chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...results.thresholds import MINIMUM_GROUP
from .premises import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...models.sample import Sample

# Chance of it under the share of the other groups, below which it is taken for no chance.
RARE = 0.001


def groups_of_one_answer(sample: Sample, labels: Sequence[str]) -> str:
    """Say which groups have one answer throughout; empty where none has, or by chance alone.

    Of a yes/no outcome all yes or all no, of amounts and counts nothing at all. A group of 30
    is looked at, and it is no chance where as many customers of the other groups would have
    turned out so in under one of 1,000 cases (the share of the others, to the power of n).

    Parameters
    ----------
    labels
        The groups to look at.
    """
    counted = {label: sample.answers(label) for label in sample.labels}
    name, said = readable(sample.outcome.name), []
    for label in labels:
        above, size = counted[label]
        rest = [counted[other] for other in sample.labels if other != label]
        others = sum(n for _, n in rest)
        if size < MINIMUM_GROUP or not others or 0 < above < size:
            continue
        if above and sample.outcome.kind != "yes_no":
            continue
        share = sum(yes for yes, _ in rest) / others
        chance = (share if above else 1 - share) ** size
        if chance < RARE:
            kind = "yes" if sample.outcome.kind == "yes_no" else "above zero"
            said.append(f"'{label}' is {100 if above else 0} % {kind} in {name} (n = {size:,})")
    if not said:
        return ""
    return (
        f"{'; '.join(said)}, which chance does not explain: {name} may have been made from the "
        "score, or customers without it never get that score. Check where the column comes from."
    )
