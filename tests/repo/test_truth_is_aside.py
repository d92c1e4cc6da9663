"""What is true in the invented county is for judging only: the product neither reads it nor knows where it lies."""

import ast

from govdesk.settings import ROOT
from govdesk.synthetic.files import TRUTH_SUFFIX

#: The only module outside the generator that may call it.
MAKER = ROOT / "govdesk" / "cli" / "sample.py"


def _product():
    """Return the modules of the product without the generator."""
    homes = [ROOT / name for name in ("govdesk", "pages", "models")]
    found = [path for home in homes for path in home.rglob("*.py") if ROOT / "govdesk" / "synthetic" not in path.parents]
    return [*found, ROOT / "app.py", ROOT / "manage.py"]


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _words(tree):
    """Return names and texts of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def _trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in _product()}


def test_nobody_but_its_command_imports_the_generator():
    users = {path for path, tree in _trees().items() if any(name.startswith("govdesk.synthetic") for name in _imports(tree))}
    assert users == {MAKER}
    assert set(_imports(ast.parse(MAKER.read_text(encoding="utf-8")))) & {"govdesk.synthetic.files.TRUTH_SUFFIX"} == set()


def test_no_module_of_the_product_mentions_the_truth():
    found = [f"{path.relative_to(ROOT)}: {word[:60]}" for path, tree in _trees().items() for word in _words(tree)
             if TRUTH_SUFFIX in word or word in ("TRUTH_SUFFIX", "_write_truth")]
    assert found == []


def test_no_shell_profile_or_picture_of_the_product_reads_the_truth():
    others = [ROOT / "Makefile", *(ROOT / "data").rglob("*.toml"), *(ROOT / "locales").rglob("*.toml"),
              *(path for path in (ROOT / "tools").rglob("*") if path.suffix in (".py", ".sh"))]
    assert [path.name for path in others if "sample" + TRUTH_SUFFIX in path.read_text(encoding="utf-8")] == []


def test_truth_is_written_beside_the_files_never_into_them():
    assert TRUTH_SUFFIX == "-truth"
    source = (ROOT / "govdesk" / "synthetic" / "files.py").read_text(encoding="utf-8")
    assert "folder.with_name(folder.name + TRUTH_SUFFIX)" in source
