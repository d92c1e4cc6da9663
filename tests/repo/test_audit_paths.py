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


def test_every_download_is_noted():
    buttons = 0
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and (
                    node.func.attr == "download_button"):
                data = next(one.value for one in node.keywords if one.arg == "data")
                assert isinstance(data, ast.Call), f"{path.name}:{node.lineno}"
                assert getattr(data.func, "id", "") == "noted", f"{path.name}:{node.lineno} gives out a file unnoted"
                buttons += 1
    assert buttons >= 7
