"""How much of what is personal is masked in prose, and how little else: counted over the suite of strings."""

import re

import pytest

from govdesk.ingest.masking import MASK, find_personal, mask
from govdesk.settings import ROOT
from tests.support.privacy_suite import Outcome, measured, parsed, suite

NUMBERS, NAMES, OTHERS, PRECISION = 0.99, 0.90, 0.90, 0.95


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return measured(find_personal, suite())


def test_suite_has_strings_of_both_sorts() -> None:
    strings = suite()
    assert len(strings) >= 360
    assert sum(bool(s.spans) for s in strings) >= 200
    assert sum(not s.spans for s in strings) >= 150
    assert len({s.text for s in strings}) == len(strings)


@pytest.mark.parametrize(
    ("kind", "least"),
    [("identity", NUMBERS), ("phone", NUMBERS), ("name", NAMES)]
    + [(kind, OTHERS) for kind in ("card", "plate", "house", "contact")],
)
def test_recall_of_each_kind(outcome: Outcome, kind: str, least: float) -> None:
    assert outcome.kinds[kind].marked > 0
    assert outcome.kinds[kind].recall >= least, str(outcome)


@pytest.mark.parametrize("kind", ["identity", "phone", "name", "card", "plate", "house", "contact"])
def test_precision_of_each_kind(outcome: Outcome, kind: str) -> None:
    assert outcome.kinds[kind].precision >= PRECISION, str(outcome)


def test_precision_of_all_kinds_together(outcome: Outcome) -> None:
    assert outcome.whole.precision >= PRECISION, str(outcome)


def test_texts_come_out_as_marked(outcome: Outcome) -> None:
    strings = suite()
    wrong = [s.text for s in strings if mask(s.text) != (s.masked(MASK), bool(s.spans))]
    assert len(wrong) <= 0.02 * len(strings), f"{wrong}\n{outcome}"


def test_measure_counts_what_is_missed_and_what_is_too_much() -> None:
    strings = [parsed("电话⟦phone|13800138000⟧"), parsed("姓名⟦name|王芳⟧")]
    told = measured(lambda text: [(0, 3, "phone")], strings)
    assert told.whole.recall == 0
    assert told.whole.precision == 0
    half = measured(lambda text: [(2, 13, "phone")] if "电话" in text else [], strings)
    assert (half.whole.recall, half.whole.precision) == (0.5, 1.0)


def test_document_gives_the_figures(outcome: Outcome) -> None:
    text = (ROOT / "docs" / "privacy-at-the-gate.md").read_text(encoding="utf-8")
    told = {row[0]: row[1:] for row in re.findall(
        r"^\| `(\w+)` \| (\d+) \| ([\d.]+) \([.\d]+\) \| (\d+) \| ([\d.]+) ", text, re.MULTILINE)}
    assert told == {
        kind: (str(k.marked), f"{k.recall:.3f}", str(k.finds), f"{k.precision:.3f}") for kind, k in outcome.kinds.items()}
    strings = suite()
    personal = sum(bool(one.spans) for one in strings)
    assert f"{len(strings)} strings" in text
    assert f"{personal} with something" in text
    assert f"{len(strings) - personal} without" in text
