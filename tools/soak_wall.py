"""Soak: a wall in a real browser through an accelerated day; fails where anything grew by 5 % after the warm-up.

``make soak-wall`` runs it on the sample county (a copy of it: incidents are added while it runs). It prints the figures
of docs/benchmarks.md and draws docs/pictures/wall-soak.png.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402
from sqlalchemy import text  # noqa: E402

from benchmarks.support.machine import describe_machine  # noqa: E402
from benchmarks.support.soak_chart import draw_soak  # noqa: E402
from benchmarks.support.wall_soak import MEASURES, grow, watch_wall  # noqa: E402
from govdesk.storage.engine import get_engine, write_transaction  # noqa: E402
from govdesk.storage.versions import bump  # noqa: E402
from tests.browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from tests.support.app_server import serve, sign_in  # noqa: E402

MOST = 0.05
CHANGES = 4


def copy_database(source: Path, folder: Path) -> None:
    """Copy the database of a work folder, so that nothing is added to the real one."""
    if not (source / "govdesk.db").exists():
        sys.exit(f"soak: no database in {source} (make run makes one)")
    for file in source.glob("govdesk.db*"):
        shutil.copy(file, folder)


def touch(number: int) -> None:
    """Count one change of the incidents now and then: every wall reads anew, and kept answers are replaced."""
    if number % CHANGES == 0:
        with write_transaction(get_engine()) as connection:
            connection.execute(text("UPDATE incidents SET severity = severity WHERE id = 1"))
            bump(connection, "incidents")


def main() -> int:
    """Run the soak; 1 where something grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=5400, help="pictures to be drawn")
    parser.add_argument("--warm-up", type=int, default=1800,
                        help="pictures before growth is counted: by then kept answers have reached their number")
    parser.add_argument("--tick", type=float, default=0.15, help="seconds between two looks")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="work folder whose database is copied")
    parser.add_argument("--now", default="2026-11-22T08:00:00+08:00", help="instant at which the county is looked at")
    parser.add_argument("--chart", type=Path, default=ROOT / "docs" / "pictures" / "wall-soak.png")
    parser.add_argument("--samples", type=Path, help="keep the samples as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy_database(options.var, Path(folder))
        os.environ["GOVDESK_VAR"] = folder
        with (serve(Path(folder), now=options.now, GOVDESK_WALL_TICK=str(options.tick)) as base,
              sync_playwright() as playwright):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            name, _, value = sign_in(base).partition("=")
            page.context.add_cookies([{"name": name, "value": value, "url": base}])
            page.goto(f"{base}/wall?seconds=1&probe=1&renew=2")
            page.wait_for_selector("iframe.shown", timeout=90_000)
            samples = watch_wall(page, base, looks=options.looks, every=5, change=touch)
            browser.close()
        get_engine().dispose()
    if options.samples:
        options.samples.write_text(json.dumps([asdict(one) for one in samples]))
    draw_soak(samples, options.warm_up, options.chart)
    print(f"{describe_machine()}, {samples[-1].looks:,} pictures in {samples[-1].seconds:,.0f} s")
    failed = False
    for measure in MEASURES:
        kept = [getattr(one, measure) for one in samples if one.looks > options.warm_up]
        growth = grow(samples, measure, options.warm_up)
        failed |= growth >= MOST
        print(f"  {measure:10} {kept[0]:10,.1f} … {kept[-1]:10,.1f}   growth {growth:+.1%} (under {MOST:.0%})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
