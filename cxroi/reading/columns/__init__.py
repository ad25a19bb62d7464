"""Columns: one module a kind of cell (numbers, dates, codes, texts, ids), typed in SQL.

To be imported from here: one function a kind, used by `reading.typing_columns`.

Imports: reading.ledger, engine, study.
"""
