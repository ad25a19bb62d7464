"""``python -m cxroi``, and the command ``cxroi``."""

from __future__ import annotations

import signal


def run() -> int:
    """Run a command and return its exit code.

    While modules are loaded, and once the command is done, an interrupt ends the process as any
    signal does: without a traceback. What it leaves then the next run clears away.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli.main import main

    return main()


if __name__ == "__main__":
    raise SystemExit(run())
