"""The panel: one row a customer and wave, in memory or in an engine.

To be imported from here: `Panel` (panel); `build_panel` (building); other columns or windows in
place of its own (replaced, windows).

Imports: reading and what it imports, moments.
"""
