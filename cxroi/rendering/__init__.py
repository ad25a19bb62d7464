"""Executed notebooks to pages and folders; `report` is the face of it."""
