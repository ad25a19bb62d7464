"""The study file: what an analyst declared, checked before any table is opened.

To be imported from here: `Study`, `Source` (declared); `load_study` (loading); `Scale` (scales);
`Outcome` (outcomes); `Scenario` (scenario). Every key stands in schema or table_schema; README.md
beside this file has them all, and what else a new key touches.

Imports: errors, results.
"""
