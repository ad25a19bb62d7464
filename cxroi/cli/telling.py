"""Telling: what a command has to say on stderr, in plain lines or as JSON, one object a line."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

FORMATS = PLAIN, JSON = ("plain", "json")
EVENT, FIELDS = "event", "fields"


class _Teller(logging.Handler):
    """Writes what is logged to stderr; where nobody looks on, with the time."""

    def __init__(self, command: str, as_json: bool, stamped: bool) -> None:
        super().__init__(logging.INFO if as_json or stamped else logging.WARNING)
        self._command, self._as_json, self._stamped = command, as_json, stamped

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, of a refusal with several problems one a problem."""
        now = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="seconds")
        message = record.getMessage()
        if self._as_json:
            told = {"time": now, "level": record.levelname.lower(), "command": self._command}
            told |= {"event": getattr(record, EVENT, "log"), "message": message}
            message = json.dumps(told | getattr(record, FIELDS, {}), ensure_ascii=False)
        else:
            message = f"{f'{now} ' if self._stamped else ''}cxroi {self._command}: {message}"
        print(message, file=sys.stderr, flush=True)


@contextmanager
def told(command: str, log_format: str = "") -> Iterator[None]:
    """Write what the package logs while a command runs.

    Parameters
    ----------
    log_format
        ``plain`` or ``json``; a command that has no such option is silent but for its errors.
    """
    log = logging.getLogger("cxroi")
    stamped = bool(log_format) and not sys.stderr.isatty()
    teller = _Teller(command, log_format == JSON, stamped)
    before = log.level, log.propagate
    log.addHandler(teller)
    log.setLevel(teller.level)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(teller)
        log.level, log.propagate = before
