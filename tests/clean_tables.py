"""Clean tables made by hand, for what reads them where they are."""

from types import SimpleNamespace

from engine_panels import engine_of


def clean_tables(complete_until=None, complete_from=None, **frames):
    """Tables of frames by role, in a DuckDB of their own; only what SQL over them needs."""
    engine = engine_of(next(iter(frames.values())).head(0), "nothing")
    for role, frame in frames.items():
        moments = dict.fromkeys(frame.select_dtypes("datetime"), "datetime64[us]")
        engine.connection.register("registered", frame.astype(moments))
        engine.execute(f"CREATE TABLE clean_{role} AS SELECT * FROM registered")
        engine.connection.unregister("registered")
    return SimpleNamespace(
        engine=engine,
        relation=lambda role: f"clean_{role}",
        study=SimpleNamespace(complete_until=complete_until, complete_from=complete_from),
    )
