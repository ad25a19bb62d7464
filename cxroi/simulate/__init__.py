"""The simulator: a company whose true effects are known, and its files.

To be imported from here: `simulate` (simulate); a world is an entry of worlds. The tables beside
those of the ROI (journeys) stand on the company that has lived (ground).

Imports: errors, files, engine.
"""
