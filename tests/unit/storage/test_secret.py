"""The secret is made once and is nobody else's to read."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from govdesk.storage.secret import read_secret


def test_secret_is_made_once_with_mode_0600(tmp_path):
    first = read_secret(tmp_path / "var")
    assert read_secret(tmp_path / "var") == first
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_secret_made_by_many_at_once_is_one(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: read_secret(tmp_path), range(16)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_damaged_secret_is_refused(tmp_path):
    (tmp_path / "secret_key").write_bytes(b"x")
    with pytest.raises(ValueError, match="secret_key"):
        read_secret(tmp_path)
