"""Every file of `tests/corpus` is imported twice: good rows in, bad rows named, the rest listed, nothing doubled."""

import pytest

from tests.support import corpus

_DONE: dict[str, corpus.Outcome] = {}


@pytest.mark.parametrize("name", corpus.names())
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
    expected = [corpus.read_expected(name) for name in corpus.names()]
    assert sum(len(item.get("good", [])) for item in expected) >= 700
    assert sum(len(item.get("bad", [])) for item in expected) >= 170
