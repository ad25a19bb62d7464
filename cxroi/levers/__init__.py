"""What moves the score, and what moving it by a lever earns.

To be imported from here: `find_drivers` (drivers).

Imports: checks and what it imports.
"""
