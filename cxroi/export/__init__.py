"""Export: a report folder -> Excel, PowerPoint, PDF, CSV, pictures.

To be imported from here: `export` (exporting); a report folder as it is read (folder).

Imports: anything but simulate and cli.
"""
