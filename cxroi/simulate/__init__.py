"""The simulator: a company whose true effects are known, and its files.

To be imported from here: `simulate` (simulate); a world is an entry of worlds.

Imports: errors, files, engine.
"""
