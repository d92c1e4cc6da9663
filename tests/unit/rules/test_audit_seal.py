"""The chain of seals: each fault that somebody could plant is found, and named."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from govdesk.rules.audit_seal import (
    SHORTEST_DAYS,
    AnchorLine,
    Entry,
    Fault,
    derive_key,
    find_faults,
    make_block,
    mark,
    seal,
    with_seal,
    write_entry,
)

KEY = derive_key(b"s" * 32)
DAY = 86_400
NOW = 1_800_000_000
SIZE = 4


def _entry(number: int) -> Entry:
    return Entry(number, NOW - 1000 + number, f"post_{number % 3}", "take_step", "incidents", str(number * 7), "{}",
                 None, is_refused=False)


def _chain(n: int = 18, *, gap: int = 1):
    entries = [_entry(1 + gap * place) for place in range(n)]
    blocks, before = [], None
    for first in range(0, n, SIZE):
        before = make_block(KEY, before, entries[first:first + SIZE], NOW + first)
        blocks.append(before)
    return entries, blocks, [AnchorLine(block.id, block.last_event, block.seal) for block in blocks]


def _look(entries, blocks, anchor, now: int = NOW + 100):
    def read(after, upto):
        return [entry for entry in sorted(entries, key=lambda one: one.id) if after < entry.id <= upto]

    return find_faults(KEY, blocks, read, anchor, now)


def test_untouched_chain_has_no_faults():
    assert _look(*_chain()) == []
    assert _look(*_chain(gap=3)) == []
    assert _look([], [], None) == []


def test_events_behind_the_last_block_are_no_fault():
    entries, blocks, anchor = _chain()
    assert _look([*entries, _entry(99)], blocks, anchor) == []


@pytest.mark.parametrize("change", [
    {"at": 1}, {"by": "other"}, {"action": "export"}, {"subject": "steps"}, {"subject_key": None}, {"detail": "{} "},
    {"address": "10.0.0.1"}, {"is_refused": True}])
def test_changed_event_is_named(change):
    entries, blocks, anchor = _chain()
    entries[5] = replace(entries[5], **change)
    assert _look(entries, blocks, anchor) == [Fault("event_changed", 2, 6)]


def test_removed_event_is_named():
    entries, blocks, anchor = _chain()
    for number, block in ((1, 1), (6, 2), (18, 5)):
        rest = [entry for entry in entries if entry.id != number]
        assert _look(rest, blocks, anchor) == [Fault("event_removed", block, number)]


def test_inserted_event_is_named_within_and_between_blocks():
    entries, blocks, anchor = _chain(gap=3)
    for number, block in ((5, 1), (11, 2), (12, 2)):  # 10 ends the first block, 13 begins the second
        assert _look([*entries, _entry(number)], blocks, anchor) == [Fault("event_inserted", block, number)]


def test_swapped_events_are_named():
    entries, blocks, anchor = _chain()
    entries[4], entries[6] = replace(entries[4], id=7), replace(entries[6], id=5)
    assert _look(entries, blocks, anchor) == [Fault("event_moved", 2, 5), Fault("event_moved", 2, 7)]


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("with_events", [True, False])
def test_removed_block_is_named(lost, with_events):
    entries, blocks, anchor = _chain()
    gone = next(block for block in blocks if block.id == lost)
    kept = [entry for entry in entries if not (with_events and gone.first_event <= entry.id <= gone.last_event)]
    assert _look(kept, [block for block in blocks if block.id != lost], anchor) == [Fault("block_removed", lost)]


def test_cut_tail_is_named():
    entries, blocks, anchor = _chain()
    assert _look(entries[:12], blocks[:3], anchor) == [Fault("tail_cut", 4), Fault("tail_cut", 5)]
    assert _look([], [], anchor)[0] == Fault("tail_cut", 1)


def test_tail_that_was_cut_and_written_anew_is_found():
    entries, blocks, anchor = _chain()
    other = [*entries[:16], replace(entries[16], detail='{"n": 1}')]
    forged = [*blocks[:4], make_block(KEY, blocks[3], other[16:], NOW + 50)]  # the program sealed it in good faith
    assert _look(other, forged, anchor) == [Fault("block_changed", 5)]


def test_chain_that_was_joined_over_a_gap_is_found_without_the_anchor():
    entries, blocks, _ = _chain()
    joined = [*blocks[:2], replace(blocks[3], id=3, previous=blocks[1].seal), replace(blocks[4], id=4)]
    kept = [entry for entry in entries if not 9 <= entry.id <= 12]
    assert _look(kept, joined, [AnchorLine(block.id, block.last_event, block.seal) for block in joined]) == [
        Fault("block_changed", 3)]


@pytest.mark.parametrize("change", [
    {"seal": "0" * 64}, {"sealed_at": 5}, {"n_events": 3}, {"last_event": 9}, {"first_event": 6}])
def test_changed_block_is_named(change):
    entries, blocks, anchor = _chain()
    blocks[1] = replace(blocks[1], **change)
    assert Fault("block_changed", 2) in _look(entries, blocks, anchor)


def test_block_sealed_anew_without_the_secret_is_found():
    entries, blocks, anchor = _chain()
    entries[5] = replace(entries[5], by="other")
    other = derive_key(b"x" * 32)
    forged = replace(make_block(other, blocks[0], entries[4:8], blocks[1].sealed_at), key_id=blocks[1].key_id)
    assert Fault("block_changed", 2) in _look(entries, [blocks[0], with_seal(other, forged), *blocks[2:]], anchor)


def test_another_secret_is_said():
    entries, blocks, anchor = _chain(3)
    found = find_faults(derive_key(b"x" * 32), blocks, lambda *_: entries, anchor, NOW)
    assert found == [Fault("other_key", 1)]


def test_blocks_removed_in_time_are_no_fault_and_before_it_are():
    entries, blocks, anchor = _chain()
    late = NOW + (SHORTEST_DAYS + 1) * DAY
    removed = [replace(block, removed_at=late) for block in blocks[:2]]
    assert _look(entries[8:], [*removed, *blocks[2:]], anchor, late) == []
    early = [replace(blocks[0], removed_at=NOW + DAY)]
    assert _look(entries[4:], [*early, *blocks[1:]], anchor, NOW + 2 * DAY) == [Fault("removed_early", 1)]
    # A date of removal in the future does not help.
    assert _look(entries[4:], [replace(blocks[0], removed_at=late), *blocks[1:]], anchor) == [Fault("removed_early", 1)]
    # Out of the middle nothing is removed.
    middle = [blocks[0], replace(blocks[1], removed_at=late), *blocks[2:]]
    assert _look(entries[:4] + entries[8:], middle, anchor, late) == [Fault("removed_early", 2)]
    assert _look(entries, [*removed, *blocks[2:]], anchor, late)[0] == Fault("event_inserted", 1, 1)


def test_anchor_that_is_away_or_damaged_is_said():
    entries, blocks, anchor = _chain()
    assert _look(entries, blocks, None) == [Fault("anchor_missing")]
    assert _look(entries, blocks, anchor[1:]) == [Fault("anchor_damaged")]
    assert _look(entries, blocks, anchor[:-2]) == []  # killed between the seal and its line: the next seal adds it


def test_two_events_never_have_the_same_form():
    one = replace(_entry(1), subject="a", subject_key="b")
    assert write_entry(one) != write_entry(replace(one, subject='a","b', subject_key=None))
    assert mark(KEY, one) != mark(derive_key(b"x" * 32), one)
    assert len(mark(KEY, one)) == 22
    block = make_block(KEY, None, [one], NOW)
    assert seal(KEY, block) == block.seal


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_done_to_an_event_is_found(data):
    entries, blocks, anchor = _chain(data.draw(st.integers(5, 14)), gap=data.draw(st.integers(1, 3)))
    place = data.draw(st.integers(0, len(entries) - 1))
    what = data.draw(st.sampled_from(["change", "remove", "insert", "swap"]))
    if what == "change":
        field = data.draw(st.sampled_from(["by", "action", "subject", "detail", "address"]))
        text = data.draw(st.text(max_size=8))
        assume(text != getattr(entries[place], field))
        entries[place] = replace(entries[place], **{field: text})
    elif what == "remove":
        del entries[place]
    elif what == "insert":
        number = data.draw(st.integers(1, blocks[-1].last_event))
        assume(all(entry.id != number for entry in entries))
        entries.append(replace(_entry(number), by="nobody"))
    else:
        other = data.draw(st.integers(0, len(entries) - 1))
        assume(other != place)
        a, b = entries[place], entries[other]
        entries[place], entries[other] = replace(b, id=a.id), replace(a, id=b.id)
    assert _look(entries, blocks, anchor)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_is_done_to_the_blocks_is_found(data):
    entries, blocks, anchor = _chain(14)
    kept = data.draw(st.lists(st.sampled_from(range(len(blocks))), unique=True, max_size=len(blocks)))
    assume(len(kept) < len(blocks))
    chosen = [blocks[place] for place in sorted(kept)]
    assert _look(entries, chosen, anchor)
