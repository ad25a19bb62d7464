"""Draft: looks into files and writes a study file of guesses, each with its ground.

To be imported from here: `draft_study`, `Draft` (drafting).

Imports: what lies below: study, engine, reading, which opens the files.
"""
