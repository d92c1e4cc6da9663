"""Twenty invented counties nobody tuned anything on: calibration of the score, silent villages, lists that change.

Each county is generated into a temporary folder by `govdesk.synthetic`, read from its files (equal to the import, see
`support/county_files.py`), backtested over its last four years, and taken away again; one after the other.

    python benchmarks/sample_counties.py                       # seeds 3001 … 3020
    python benchmarks/sample_counties.py --first 3001 --count 2
    python benchmarks/sample_counties.py --check VAR           # reader against the county imported in a work folder
"""

import argparse
import os
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.county_files import read_county  # noqa: E402
from benchmarks.support.county_measures import calibrate, judge_silences, watch_lists  # noqa: E402
from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.clock import week_of  # noqa: E402
from govdesk.queries.panel_facts import read_panel_facts  # noqa: E402
from govdesk.queries.panel_places import list_panel_places  # noqa: E402
from govdesk.rules.access import SYSTEM  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction  # noqa: E402
from govdesk.synthetic.files import START, TRUTH_SUFFIX, make_sample  # noqa: E402

UNTIL = date(2026, 11, 22)
FIRST, END = week_of(START), week_of(UNTIL)
#: What must hold: mean and each slope, silence found at half and at all missing, places that change.
MEAN_SLOPE, EACH_SLOPE, FOUND, ALIVE = (0.95, 1.05), (0.7, 1.3), {0.5: 0.64, 1.0: 0.85}, 0.40


def judge(seed: int, home: Path) -> dict[str, float]:
    """Generate one county and measure it."""
    folder = home / f"county-{seed}"
    make_sample(folder, until=UNTIL, seed=seed)
    county = read_county(folder, UNTIL)
    planted = pd.read_csv(folder.with_name(folder.name + TRUTH_SUFFIX) / "silent.csv", dtype={"place_code": str})
    row: dict[str, float] = {"seed": seed, "villages": len(county.villages)}
    for label in ("elevated", "onset"):
        report = calibrate(county, FIRST, END, label).report
        own, gap = report["scores"]["classifier"], report["differences"]["classifier"]
        row |= {f"{label}_base": report["base_rate"], f"{label}_slope": own["slope"]["value"],
                f"{label}_ece": own["ece"]["value"], f"{label}_gain": gap["auc"]["value"],
                f"{label}_skill": own["brier_skill"]["value"]}
    silences = judge_silences(county, planted, FIRST, END)
    for missing in (0.5, 0.7, 1.0):
        of = np.isclose(silences.missing, missing)
        row |= {f"spells_{missing}": int(of.sum()), f"found_{missing}": int(silences.found[of].sum())}
    row |= {"alarms": silences.alarms, "years": silences.years}
    lists = watch_lists(county, FIRST, END)
    return row | {"changed": lists.week_before, "rested": lists.after_rest, "listed": lists.n_places}


def check(name: str, value: float, least: float, most: float = np.inf) -> bool:
    held = bool(least <= value <= most)
    bound = f"≥ {least:.2f}" if most == np.inf else f"{least:.2f} … {most:.2f}"
    print(f"   {'holds ' if held else 'FAILS '} {name:58s} {value:.3f}   must be {bound}")
    return held


def conclude(table: pd.DataFrame) -> bool:
    held = []
    for label in ("elevated", "onset"):
        slope = table[f"{label}_slope"]
        held += [check(f"mean calibration slope, {label}", slope.mean(), *MEAN_SLOPE),
                 check(f"lowest slope, {label}", slope.min(), *EACH_SLOPE),
                 check(f"highest slope, {label}", slope.max(), *EACH_SLOPE)]
    for missing, least in FOUND.items():
        found, spells = table[f"found_{missing}"].sum(), table[f"spells_{missing}"].sum()
        name = f"silent villages found, {missing:.0%} missing ({found} of {spells})"
        held.append(check(name, found / max(spells, 1), least))
    found, spells = table["found_0.7"].sum(), table["spells_0.7"].sum()
    print(f"          70% missing: {found} of {spells}; alarms of villages that were never silent: "
          f"{table['alarms'].sum() / table['years'].sum():.2f} a year")
    held += [check("places new against the week before, least of all counties", table["changed"].min(), ALIVE),
             check("places new against the list five weeks before, least", table["rested"].min(), ALIVE)]
    return all(held)


def say(row: dict[str, float]) -> None:
    silent = " ".join(f"{row[f'found_{m}']}/{row[f'spells_{m}']}" for m in (0.5, 0.7, 1.0))
    print(f"{row['seed']:5d}  base {row['elevated_base']:.3f} slope {row['elevated_slope']:.3f} "
          f"ECE {row['elevated_ece']:.3f} ΔAUC {row['elevated_gain']:+.3f} skill {row['elevated_skill']:+.3f} | "
          f"onset {row['onset_base']:.3f} {row['onset_slope']:.3f} {row['onset_gain']:+.3f} | silent {silent} | "
          f"new {row['changed']:.2f}, after rest {row['rested']:.2f}, {row['listed']} places | {row['seconds']:.0f} s",
          flush=True)


def check_reader(var: Path) -> bool:
    """Compare the reader with the database of a work folder in which this county was imported and derived."""
    os.environ.update(GOVDESK_VAR=str(var), GOVDESK_NOW=f"{UNTIL}T08:00:00+08:00")
    county = read_county(var / "sample", UNTIL)
    with read_transaction(get_engine()) as connection:
        facts, places = read_panel_facts(connection, SYSTEM), list_panel_places(connection, SYSTEM, date(2026, 11, 16))
    by = ["role", "place", "week_occurred", "week_known"]
    told = facts.rename(columns={"place_code": "place"}).astype({"role": str, "place": str}).groupby(by)["weight"].sum()
    own = county.facts.groupby(by)["weight"].sum()
    differ = int((told.sub(own, fill_value=0) != 0).sum())
    same = places["code"].tolist() == county.villages and list(places["neighbours"]) == county.neighbours
    print(f"{len(own):,} sums of facts, {differ} differ; villages and neighbours {'equal' if same else 'differ'}")
    return same and not differ


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--first", type=int, default=3001)
    options.add_argument("--count", type=int, default=20)
    options.add_argument("--check", type=Path, help="work folder with an imported sample county")
    options.add_argument("--keep", type=Path, help="write the table here (CSV)")
    chosen = options.parse_args()
    if chosen.check:
        return 0 if check_reader(chosen.check) else 1
    print(f"Invented counties until {UNTIL}, {describe_machine()}", flush=True)
    rows = []
    for seed in range(chosen.first, chosen.first + chosen.count):
        started = time.perf_counter()
        with TemporaryDirectory() as home:
            rows.append(judge(seed, Path(home)) | {"seconds": time.perf_counter() - started})
        say(rows[-1])
    table = pd.DataFrame(rows)
    if chosen.keep:
        table.to_csv(chosen.keep, index=False)
    return 0 if conclude(table) else 1


if __name__ == "__main__":
    sys.exit(main())
