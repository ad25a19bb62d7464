"""Claims of the field, each held against the tables of a study.

A claim is data: see `claim.Claim`; those of a subject are listed together, and `catalogue` has all.
To be imported from here: `examine_claims` (examining), `CLAIMS` (catalogue). What an interval makes
of a claim is written in `rule`.

Imports: errors, arrays, results, engine, study, reading, metrics, panel, moments, models, effects.
"""

from .catalogue import CLAIMS
from .examining import Claims, examine_claims

__all__ = ["CLAIMS", "Claims", "examine_claims"]
