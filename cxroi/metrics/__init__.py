"""Metrics: a catalogue of what the field measures, computed from the tables that a study has.

A metric is data: see `metric.Metric`. Add one by an entry in `attitude`, `behaviour`, `service` or
`outcomes`. To be imported from here: `compute` (compute), `CATALOGUE` (catalogue).

Imports: errors, arrays, results, files, engine, study, reading.
"""

from .catalogue import CATALOGUE
from .compute import Metrics, compute

__all__ = ["CATALOGUE", "Metrics", "compute"]
