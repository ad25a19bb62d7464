"""The study file: what an analyst declared, checked before any table is opened.

To be imported from here: `Study`, `Source` (declared); `load_study` (loading); `Scale` (scales);
`Outcome` (outcomes); `Scenario` (scenario). A new key: schema, then rules, then declared.

Imports: errors, results.
"""
