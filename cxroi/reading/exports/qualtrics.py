"""Qualtrics: answers under three header rows, in the legacy layout under two.

The second row holds the questions, the third ``{"ImportId":"..."}``. Legacy exports call their
own columns V1 to V10 and name them in the second row.

Layout: tests/testthat/files/sample.csv and sample_legacy.csv of github.com/ropensci/qualtRics.
"""

from __future__ import annotations

from collections.abc import Sequence

from .export import Export

_WHO = ("ExternalReference", "ExternalDataReference", "RecipientEmail")
EXPORTS = (
    Export(
        name="Qualtrics, survey responses",
        role="responses",
        headers=("responseid", "recordeddate", "finished"),
        columns={"customer": _WHO, "answered_at": ("RecordedDate", "EndDate")},
        notes=("Previews and tests are set aside by Status and DistributionChannel.",),
    ),
    Export(
        name="Qualtrics, survey responses, legacy layout",
        role="responses",
        headers=("v1", "v4", "v5", "v7", "v9", "v10"),
        columns={"customer": ("V4", "V5"), "answered_at": ("V9",)},
        drop={"V7": ("1", "2", "9", "17")},
        notes=("V4 is the external reference, V5 the e-mail, V7 the status, V9 the end.",),
    ),
)


def three_rows(third: Sequence[object]) -> bool:
    """Whether the third row is one of the header rows of an export."""
    return any(str(cell).lstrip().startswith('{"ImportId"') for cell in third)


def two_rows(names: Sequence[str], second: Sequence[object]) -> bool:
    """Whether the second row is a header of a legacy export."""
    legacy = [str(cell) for name, cell in zip(names, second, strict=False) if name == "V1"]
    return legacy in (["ResponseID"], ["ResponseId"])
