"""Writes the corpus anew: `python -m tests.corpus.make.build`.

Needs openpyxl and XlsxWriter; the real .xls and the encrypted workbook also xlwt and msoffcrypto-tool, which the product
does not need (`pip install --target DIR xlwt msoffcrypto-tool`, then `PYTHONPATH=DIR`). Without them those files stay.
"""

import json
import sys
from pathlib import Path

from tests.corpus.make import afterthoughts, refusals, singles_cells, singles_rows, singles_text, triples
from tests.corpus.make.sheets import FILES, Dirty
from tests.corpus.make.writers import write

HERE = Path(__file__).parents[1]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _expected(made: Dirty) -> str:
    lines = [f"file = {_value(made.name)}", f"profile = {_value(made.profile)}"]
    if made.refused:
        lines.append(f"refused = {_value(made.refused)}")
    if made.masked:
        lines.append(f"masked = {made.masked}")
    for key in ("never", "sheets_named", "columns_named"):
        if getattr(made, key):
            lines.append(f"{key} = {json.dumps(getattr(made, key), ensure_ascii=False)}")
    for key, found in (("good", made.good), ("bad", made.bad), ("either", made.either), ("same", made.same),
                       ("aside", made.asides), ("named", made.named)):
        if found:
            lines.append(f"{key} = [\n" + "".join(f"    {_value(item)},\n" for item in found) + "]")
    return "\n".join(lines) + "\n"


def main() -> None:
    for part in (singles_rows, singles_cells, singles_text, refusals, afterthoughts, triples):
        part.build()
    for folder in ("files", "expected"):
        (HERE / folder).mkdir(exist_ok=True)
    for made in FILES:
        try:
            write(made, HERE / "files")
        except ModuleNotFoundError as error:
            sys.stderr.write(f"{made.name}: kept as it is ({error})\n")
        (HERE / "expected" / f"{made.name}.toml").write_text(_expected(made), encoding="utf-8")
    head = (HERE / "make" / "readme_head.md").read_text(encoding="utf-8")
    rows = [f"| `{m.name}` | {m.wrong} | {m.seen} | {m.must} |" for m in FILES]
    kept = (HERE / "make" / "readme_tail.md").read_text(encoding="utf-8")  # of files that came as they are
    (HERE / "README.md").write_text(head + "\n".join(rows) + "\n" + kept, encoding="utf-8")


if __name__ == "__main__":
    main()
