"""The audit is only added to, and no file leaves without it."""

import ast
import re

from govdesk.settings import ROOT

SOURCES = sorted([*(ROOT / "govdesk").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"])
#: The only places that may change or remove: what is past its time.
MAY_REMOVE = {"govdesk/actions/remove_old_audit.py"}


def test_no_code_changes_or_removes_the_audit():
    found = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        changes = re.findall(r"(?:update|delete)\(\s*Audit\w+|Audit(?:Event|Block)\.__table__\.(?:update|delete)"
                             r"|(?i:(?:update|delete from|truncate)\s+audit_)", text)
        if changes and str(path.relative_to(ROOT)) not in MAY_REMOVE:
            found.append((path.name, changes))
    assert found == []


def test_audit_rows_are_written_in_few_places():
    writers = {str(path.relative_to(ROOT)) for path in SOURCES if "insert(AuditEvent)" in path.read_text("utf-8")}
    assert writers <= {"govdesk/actions/acting.py", "govdesk/actions/audit_writer.py", "govdesk/actions/sign_in.py"}


def _find_calls(*names):
    """Yield file and call of every function or method of these names."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield str(path.relative_to(ROOT)), node


def test_one_button_gives_out_files_and_it_is_noted_with_its_purpose():
    buttons = list(_find_calls("download_button"))
    assert [path for path, _ in buttons] == ["govdesk/ui/giving.py"]
    data = next(one.value for one in buttons[0][1].keywords if one.arg == "data")
    assert getattr(data.func, "id", "") == "noted"
    assert "purpose" in {one.arg for one in data.keywords}
    assert len(list(_find_calls("offer_file"))) >= 6


def test_file_is_noted_only_where_its_purpose_was_looked_at():
    """The button goes through `give_file`; the command line looks first and notes its folder itself."""
    assert sorted(path for path, _ in _find_calls("note_export")) == ["govdesk/actions/give_file.py", "govdesk/cli/brief.py"]
    assert {path for path, _ in _find_calls("give_file")} == {"govdesk/ui/trail.py"}


def test_no_other_way_hands_out_a_file():
    """Neither a link with the content inside nor an answer of ours that a browser would store.

    The shell of the wall is a page that is kept beside the program: it holds an address and no data.
    """
    found = [str(path.relative_to(ROOT)) for path in SOURCES
             if re.search(r"(?i)content-disposition|attachment; *filename|data:(?:text/csv|application/)", path.read_text("utf-8"))]
    assert found == ["govdesk/api/wall_shell.py"]
