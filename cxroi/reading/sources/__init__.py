"""Sources: one module a kind of file, database or frame, opened as a table of DuckDB.

To be imported from here: `open_source` (opening) chooses among the others by suffix or kind.

Imports: engine, study, files.
"""
