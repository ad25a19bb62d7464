"""What the commands say of themselves below their options."""

from __future__ import annotations

EPILOG = """\
exit codes: 0 done; 1 refused, with what to mend on stderr; 2 a wrong option or parameter; 3 a
report is written, but found what --fail-on names; 130 interrupted; 143 terminated (128 and the
number of the signal). A command that does not end with 0 or 3 leaves no output behind.
"""
INIT = """\
Exports of survey tools, shops, billing and support systems are recognised by their headers.
Of other files, headers and cells tell which table of a study each could be, on which columns
they join, the scale, the windows. Each guess has its ground beside it; lines marked decide: are
what only a person can say. The scenario, without which there is no ROI, is left commented out.

Then: cxroi check STUDY, which names every line that is still open, and cxroi report STUDY.
"""
PARAMETERS = """\
Parameters are those of the notebook's parameters cell (cxroi params NOTEBOOK lists them). An
unknown name, a wrong type or a value out of range is refused before anything runs. Values stay
in the output: never pass a password or a connection string, the study file names the
environment variable that holds it.
"""
REPORT = """\
The folder holds report.html, results.json, run.json and notebooks/. It appears when it
is complete, or not at all. On stdout are two lines: a summary (verdict, ROI with its interval,
chance, evidence, checks, drift), and last the path of report.html.

Data that are not like those of the last run of the same study are told on stderr; where they
differ as much as 80 % of the orders gone, or cents for units, no report is made (exit code 1).
Which rules stop a run, [drift] of the study file says.

Every notebook that has run is kept in a cache under its study, data, parameters and versions.
So a report on unchanged data takes seconds, and one that was stopped goes on where it was. The
cache is in your own cache folder, for you alone; the environment variable CXROI_CACHE names
another (off: none), CXROI_CACHE_SIZE the most it may take (5GB). What was not used for longest
goes first, and all of it may be deleted at any time. A study with tables in a database has no
cache.

"""
EXPORT = """\
xlsx: a workbook whose formulas compute the return again, from estimates and assumptions;
pptx: slides with native tables and charts; pdf: the report's page, tagged; csv: a folder with
results, checks and ledger; svg: a folder with the report's pictures. All comes from RUN alone:
nothing is read or fitted anew. xlsx, pptx and pdf need the extra: pip install 'cxroi[export]'.
"""
COMPARE = """\
Prints whether the return on cost changed beyond noise, what each cause adds (data, definitions,
who answered, gaps, assumptions), and every figure compared. All comes from the two folders.
"""
SCHEMA = """\
Editors complete and check TOML by it: cxroi schema > study.schema.json, and in the first line of
the study file beside it

    #:schema ./study.schema.json

Even Better TOML and other editors that use taplo read that line. cxroi check finds more than a
schema can say.
"""
