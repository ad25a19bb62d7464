"""Addresses of Spark: what they name, and whether anybody answers there."""

from __future__ import annotations

from ..errors import ParameterError


def on_this_machine(address: str) -> bool:
    """Return whether all that an address names runs on this machine."""
    return address.startswith("local") or all(
        host in ("127.0.0.1", "localhost") for host, _ in _masters(address)
    )


def _masters(address: str) -> list[tuple[str, int]]:
    parts = address.removeprefix("spark://").split(",")
    return [(host, int(port)) for host, _, port in (part.partition(":") for part in parts)]


def require_answer(address: str) -> None:
    """Ask a master for a connection: Spark itself would try for a minute.

    Raises
    ------
    ParameterError
        None of those that the address names answers.
    """
    import socket

    if address.startswith("local"):
        return
    for host, port in _masters(address):
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError:
            continue
        return
    raise ParameterError(
        f"engine is {address!r}, and nothing answers there",
        "it is the address of a running Spark master",
    )
