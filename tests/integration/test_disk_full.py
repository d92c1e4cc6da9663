"""The work folder lies on a disk that is full: every act says so and leaves nothing, and works when there is room again."""

import subprocess
from contextlib import closing, suppress
from random import Random

import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from govdesk.actions.adopt_thresholds import adopt_thresholds
from govdesk.actions.photos import add_photo
from govdesk.actions.sign_in import sign_in_as_known
from govdesk.actions.uploads import store_upload, uploads_folder
from govdesk.cli import app
from govdesk.clock import real_now
from govdesk.rules.access import Scope, Visitor
from govdesk.settings import get_settings
from govdesk.storage.backup import list_backups
from govdesk.storage.engine import get_engine
from govdesk.storage.photo_files import photos_folder
from govdesk.storage.sqlite_file import open_file
from govdesk.storage.trouble import explain
from govdesk.terms import PhotoKind, Role, SignInMethod
from govdesk.words import say
from tests.integration.test_acts_killed import step
from tests.support.every_row import read_every_row
from tests.support.importing import HEAD, INCIDENTS, incident
from tests.support.intake import jpeg
from tests.support.loop_load import prepare

CENTRE, ANALYST = Scope("local_centre", Role.CENTRE), Scope("local_analyst", Role.ANALYST)
CLERK = Scope("local_clerk", Role.CLERK)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Give the tiny county on a file system of 24 MB, and a function that fills it or makes room."""
    home = tmp_path / "small"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(home)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount")
    try:
        monkeypatch.setenv("GOVDESK_VAR", str(home))
        get_settings.cache_clear()
        get_engine.cache_clear()
        people, open_ones = prepare(get_engine(), n_incidents=40, n_users=1)

        def fill(*, is_full):
            (home / "other").unlink(missing_ok=True)
            if is_full:
                with get_engine().connect() as connection:  # no old page of the log is left to write on
                    connection.exec_driver_sql("ROLLBACK")
                    assert connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()[0] == 0
                with suppress(OSError), (home / "other").open("wb", buffering=0) as file:
                    while file.write(bytes(4_096)):
                        pass

        yield fill, people[0], open_ones
        get_engine().dispose()
    finally:
        subprocess.run(["umount", str(home)], check=True)


def list_acts(tmp_path, by, open_ones):
    """Return what people do, by name: each writes something when it is called."""
    engine = get_engine()
    (tmp_path / "f.csv").write_text(HEAD + "".join(incident(f"K{n}") for n in range(3_000)))
    (tmp_path / "p.toml").write_text(INCIDENTS)
    values = {"visits_per_week": 18, "share_quiet": 0.5, "band_edges": (0.3, 0.2, 0.1), "capacity_per_week": 24}
    numbers = iter(range(10_000))
    number = open_ones[0]
    return {
        "step": lambda: step(engine, by, open_ones, Random(next(numbers))),
        "adoption": lambda: adopt_thresholds(engine, by=ANALYST, **values, reason="试", backtest={}, seen_id=None),
        "upload": lambda: store_upload(engine, by=CLERK, name="a.csv", content=bytes(300_000)),
        "photo": lambda: add_photo(engine, by=CENTRE, incident_id=number, kind=PhotoKind.REPORT, data=jpeg(next(numbers)),
                                   form_key=f"full-photo-{next(numbers)}"),
        "sign-in": lambda: sign_in_as_known(engine, by=Visitor("127.0.0.1"), account="local_centre", now=real_now(),
                                            method=SignInMethod.DEMO),
        "import": lambda: command("import-incidents", str(tmp_path / "f.csv"), "--profile", str(tmp_path / "p.toml")),
        "backup": lambda: command("backup"),
    }


def command(*words):
    done = CliRunner().invoke(app, [*words, "--commit"])
    if done.exit_code:
        assert done.exit_code == 3, done.output
        assert done.output.strip().splitlines()[-1].startswith("error: ")
        raise OSError(28, done.output)


def count_files():
    folders = (photos_folder(), uploads_folder(), get_settings().var / "backups")
    return [sorted(folder.iterdir()) if folder.exists() else [] for folder in folders]


def test_full_disk_is_said_by_every_act_and_nothing_half_is_left(small, tmp_path):
    fill, *desk = small
    acts = list_acts(tmp_path, *desk)
    get_settings().var.joinpath("backups").mkdir()
    for name in ("step", "upload", "photo"):  # so that their folders are there
        acts[name]()
    engine = get_engine()
    before, files = read_every_row(engine), count_files()
    fill(is_full=True)
    for name, act in acts.items():
        with pytest.raises((OperationalError, OSError)) as caught:
            act()
        assert explain(caught.value) == "full", name
        assert count_files() == files, name
        if name == "import":
            assert say("faults.title_full") in str(caught.value)
    assert read_every_row(engine) == before
    fill(is_full=False)
    with closing(open_file(get_settings().var / "govdesk.db", 1)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for act in acts.values():
        act()
    after = read_every_row(engine)
    assert {name for name in ("steps", "threshold_adoptions", "uploads", "photos", "sign_ins", "import_batches")
            if sum(after[name].values()) == sum(before[name].values())} == set()
    assert len(list_backups(get_settings().var / "backups")) == 1
