"""Metrics: a catalogue of what the field measures, computed from the tables that a study has.

A metric is data: see `metric.Metric` and the README beside this. To be imported from here:
`compute` (compute), `CATALOGUE` (catalogue).

Imports: errors, arrays, results, files, engine, study, reading.
"""

from .catalogue import CATALOGUE
from .compute import Metrics, compute

__all__ = ["CATALOGUE", "Metrics", "compute"]
