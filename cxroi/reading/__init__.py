"""Reading: opens the declared tables, types every cell, accounts for every row.

To be imported from here: `read_tables`, `Tables` (tables); `Ledger` (ledger); fingerprints;
`profile`. Files of a kind are opened in sources, cells of a kind are typed in columns.

Imports: what lies below: engine, study, files.
"""
