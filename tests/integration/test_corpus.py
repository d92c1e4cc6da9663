"""Every file of `tests/corpus` is imported twice: good rows in, bad rows named, the rest listed, nothing doubled."""

import pytest

from tests.support import corpus

#: Files that do not come out right yet, by the first letters of their name.
NOT_YET: frozenset[str] = frozenset([
    "s19", "s22", "s27", "s35", "s41", "s56", "s66", "s68", "s78", "s81", "t08", "t11", "t17", "t28",
])
_DONE: dict[str, corpus.Outcome] = {}


@pytest.mark.parametrize("name", [n for n in corpus.names() if n[:3] not in NOT_YET])
def test_corpus_a_dirty_file(empty_engine, name):
    _DONE[name] = corpus.check(empty_engine, name)
    assert _DONE[name].problems == []


def test_corpus_as_a_whole():
    if not _DONE:
        pytest.skip("none of the files ran in this process")
    found = _DONE.values()
    assert sum(o.n_good_in for o in found) == sum(o.n_good for o in found)
    assert sum(o.n_bad_named for o in found) == sum(o.n_bad for o in found)
    assert sum(o.n_doubled for o in found) == 0


def test_corpus_files_and_expectations_belong_together():
    files = {path.name for path in (corpus.CORPUS / "files").iterdir()}
    assert files == set(corpus.names())
    assert len([n for n in files if n[0] == "s"]) >= 44
    assert len([n for n in files if n[0] == "t"]) >= 30
