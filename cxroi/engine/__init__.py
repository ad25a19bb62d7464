"""Engines: DuckDB in this process or Spark on a cluster run the same SQL.

To be imported from here: `open_engine`, `DuckDB` (engines); `ident`, `text` (quoting); `literal`
(literals). Spark is reached through engines alone.

Imports: errors, arrays, files.
"""
