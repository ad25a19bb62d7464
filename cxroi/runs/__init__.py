"""One run: the findings of a study and a quarter, made once, written down and opened again.

To be imported from here: `open_run`, `Run` (opening); `write_results` (results_file); how
findings become JSON (codec); where they lie (shelves); a run read from its folder (remembered),
all of them below one (history), two of them held against each other (`compare_runs`).

Imports: checks, analysis and what they import.
"""
