"""Executed notebooks to pages; `report` is the face of it."""
