"""A file of disputes in the tiny county, and its profile: for what is about many rows, whatever they say."""

from pathlib import Path

from govdesk.ingest.profiles import Profile, parse_profile


def make_profile(source: str = "load") -> Profile:
    """Return a profile of own names."""
    return parse_profile(f'about = "incidents"\nname = "{source}"\nsample = true\nown_names = true\n')


def write_file(path: Path, n_rows: int, *, more: str = "") -> Path:
    """Write rows with running numbers, and `more` behind them."""
    rows = [f"L{n},dispute,99010100{1 + n % 3}001,2026-03-{1 + n % 28:02d}" for n in range(n_rows)]
    path.write_text("source_ref,stream,place_code,occurred_on\n" + "\n".join(rows) + "\n" + more, encoding="utf-8")
    return path
