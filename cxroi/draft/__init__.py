"""Draft: looks into files and writes a study file of guesses, each with its ground.

To be imported from here: `draft_study`, `Draft` (drafting), `likely_pairs` (linkage).

Imports: what lies below: study, engine, reading, which opens the files.
"""
