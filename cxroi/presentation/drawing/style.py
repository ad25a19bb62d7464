"""The colours and the looks of pictures: one catalogue, written as CSS and as attributes.

A page that sets the variables (`--ink`, `--blue` ...) colours its pictures, dark ones too; a
picture that stands alone has both palettes in it. Attributes beside the classes serve what reads no
CSS variables: LibreOffice, many viewers of SVG files.
"""

from __future__ import annotations

from collections.abc import Iterable

# role: light, dark. Texts and marks stand out from `bg` by 4.5 to 1 or more; `rule` is for lines.
PALETTE = {
    "bg": ("#ffffff", "#10161c"),
    "ink": ("#14202b", "#e9eef2"),
    "mut": ("#4c5965", "#b0bcc6"),
    "rule": ("#d3dae0", "#313c46"),
    "rule2": ("#8a96a1", "#75828e"),
    "blue": ("#0b57a4", "#82bdff"),
    "rust": ("#9c4200", "#ffab6b"),
    "slate": ("#55636f", "#aab6c0"),
    "warn": ("#765400", "#f0c75e"),
    "p1": ("#dbe8f6", "#17324d"),
    "p2": ("#b9d3ee", "#1f4a75"),
    "n1": ("#fbe6d6", "#42291a"),
    "n2": ("#f3c8a8", "#663a1a"),
}
FONTS = "var(--sans,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Liberation Sans',sans-serif)"
PLAIN_FONTS = "Liberation Sans, Arial, Helvetica, sans-serif"

# class: properties; a value that names a role of the palette is a colour.
CLASSES: dict[str, dict[str, str]] = {
    "lab": {"fill": "ink", "font-size": "13px"},
    "tick": {"fill": "mut", "font-size": "12px"},
    "low": {"fill": "rust", "font-size": "12px", "font-weight": "600"},
    "mid": {"fill": "slate", "font-size": "12px", "font-weight": "600"},
    "high": {"fill": "blue", "font-size": "12px", "font-weight": "600"},
    "b": {"font-weight": "700"},
    "end": {"text-anchor": "end"},
    "middle": {"text-anchor": "middle"},
    "axis": {"fill": "rule"},
    "under": {"fill": "bg"},
    "whisker": {"fill": "ink"},
    "zero": {"stroke": "ink", "stroke-width": "1.5"},
    "ref": {"stroke": "mut", "stroke-width": "1.5", "stroke-dasharray": "4 3"},
    "gap": {"stroke": "bg", "stroke-width": "4"},
    "dashed": {"stroke": "ink", "stroke-width": "2", "stroke-dasharray": "4 3"},
    "conn": {"stroke": "rule2", "stroke-width": "1"},
    "ci-low": {"fill": "rust"},
    "ci-mid": {"fill": "slate"},
    "ci-high": {"fill": "blue"},
    "dot-low": {"fill": "rust", "stroke": "bg", "stroke-width": "1.5"},
    "dot-mid": {"fill": "bg", "stroke": "slate", "stroke-width": "2.5"},
    "dot-high": {"fill": "blue", "stroke": "bg", "stroke-width": "1.5"},
    "bar-low": {"fill": "rust"},
    "bar-mid": {"fill": "slate"},
    "bar-high": {"fill": "blue"},
    "swing": {"fill": "rule2"},
    "plan": {"fill": "bg", "stroke": "ink", "stroke-width": "2", "stroke-dasharray": "4 3"},
    "net-high": {"fill": "bg", "stroke": "blue", "stroke-width": "2.5"},
    "net-low": {"fill": "bg", "stroke": "rust", "stroke-width": "2.5"},
    "full": {"fill": "blue", "stroke": "blue", "stroke-width": "2"},
    "empty": {"fill": "none", "stroke": "slate", "stroke-width": "2"},
    "p0": {"fill": "bg", "stroke": "rule", "stroke-width": "2"},
    "p1": {"fill": "p1", "stroke": "bg", "stroke-width": "2"},
    "p2": {"fill": "p2", "stroke": "bg", "stroke-width": "2"},
    "n1": {"fill": "n1", "stroke": "bg", "stroke-width": "2"},
    "n2": {"fill": "n2", "stroke": "bg", "stroke-width": "2"},
    "outline": {"fill": "none", "stroke": "ink", "stroke-width": "3"},
    "line-low": {"fill": "none", "stroke": "rust", "stroke-width": "2", "stroke-dasharray": "2 2"},
    "line-mid": {"fill": "none", "stroke": "slate", "stroke-width": "2", "stroke-dasharray": "6 3"},
    "line-high": {"fill": "none", "stroke": "blue", "stroke-width": "2"},
    "band-low": {"fill": "rust", "fill-opacity": "0.16"},
    "band-mid": {"fill": "slate", "fill-opacity": "0.16"},
    "band-high": {"fill": "blue", "fill-opacity": "0.16"},
    "halo": {},
    "paper": {"fill": "none"},
}
# What only CSS can say.
_MORE = {
    "halo": "paint-order:stroke;stroke:var(--bg,#fff);stroke-width:4px;stroke-linejoin:round",
}
# A bar knows its width in pixels of a picture so wide, and what to take where it is not (`--w`).
_WIDE = '.cx [style^="--w"]{width:var(--w)}'
_ALONE = ".cx:root .paper{fill:var(--bg)}"


def attributes(names: str) -> dict[str, str]:
    """Return the attributes that say in light colours what classes say."""
    merged = {key: value for name in names.split() for key, value in CLASSES[name].items()}
    return {
        key: PALETTE[value][0] if value in PALETTE else value.removesuffix("px")
        for key, value in merged.items()
    }


def css(used: Iterable[str]) -> str:
    """Return the rules of some classes, with both palettes for a picture that stands alone.

    `:root` is the picture only where it stands alone, as a file or an image; in a page it is the
    page, whose variables rule. What knows no variables (weasyprint) passes over all of it.
    """
    names = [name for name in CLASSES if name in set(used)]
    rules = [f".cx{{font-family:{FONTS};font-variant-numeric:tabular-nums lining-nums}}"]
    rules += [f".cx .{name}{{{_declared(name)}}}" for name in names]
    light, dark = (
        ";".join(f"--{role}:{colors[shade]}" for role, colors in PALETTE.items())
        for shade in (0, 1)
    )
    rules += [_WIDE, f".cx:root{{{light}}}", _ALONE]
    rules += [f"@media screen and (prefers-color-scheme:dark){{.cx:root{{{dark}}}}}"]
    return f"@supports (fill:var(--a)){{{''.join(rules)}}}"


def _declared(name: str) -> str:
    written = [
        f"{key}:var(--{value},{PALETTE[value][0]})" if value in PALETTE else f"{key}:{value}"
        for key, value in CLASSES[name].items()
    ]
    return ";".join([*written, *filter(None, [_MORE.get(name)])])
