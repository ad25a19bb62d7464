"""The report: runs notebooks, renders them, writes down what they rest on.

To be imported from here: `report` (folder); `run_notebook` (notebooks); parameters of notebooks;
what is shipped; `summary` of a folder.

Imports: anything but simulate and cli.
"""
