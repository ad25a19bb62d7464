"""One run: the findings of a study and a quarter, made once, written down and opened again.

To be imported from here: `open_run`, `Run` (opening); `write_results` (results_file); how
findings become JSON (codec); where they lie (shelves); what a run declared and decided, as run.json
has it (record); in what its data differ from the last run's (drift, with rules for tables and
columns beside it); a run read from its folder (remembered), all of them below one (history), two of
them held against each other (`compare_runs`).

Imports: checks, analysis and what they import.
"""
