"""Presentation: results as sentences, tables and pictures; never computes.

To be imported from here: `sentences`, `robustness`, `responses`, `trends`, `tables`, `plots`; how
it was done (method).

Imports: checks, analysis and what they import.
"""
