"""Writes requirements.lock: every package that runs, pinned and with the SHA-256 of its file; `--check` compares.

The hashes are of the files that pip chooses for the Python and machine it runs on (`make lock`), so that an office
without a network can prove that the files on its stick are the ones that were tested. No address is written.

    python tools/lock_requirements.py            writes requirements.lock (needs a package index or a folder of wheels)
    python tools/lock_requirements.py --check    compares it with requirements.txt and constraints.txt; needs no network
"""

import json
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\#]+)")
_HASH = re.compile(r"^\s+--hash=sha256:[0-9a-f]{64}( \\)?$")


def fold_name(name: str) -> str:
    """Return the name of a package as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str) -> dict[str, str]:
    """Return version by folded name of every pinned line of a requirements file."""
    found = (_PIN.match(line) for line in text.splitlines())
    return {fold_name(one[1]): one[2] for one in found if one}


def write_lock(report: dict[str, object]) -> str:
    """Return the text of the lock from a report of `pip install --dry-run --report`.

    Raises
    ------
    ValueError
        When a file has no SHA-256.
    """
    rows = []
    for item in report["install"]:  # type: ignore[attr-defined]
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        digest = item["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256")
        if not digest:
            message = f"no SHA-256 of {name}"
            raise ValueError(message)
        rows.append((fold_name(name), f"{fold_name(name)}=={version} \\\n    --hash=sha256:{digest}"))
    version = ".".join(platform.python_version_tuple()[:2])
    head = (f"# Written by `make lock` for Python {version} on {platform.system()} {platform.machine()}; "
            "never by hand.\n# pip install --require-hashes -r requirements.lock\n")
    return head + "\n".join(line for _, line in sorted(rows)) + "\n"


def find_faults(lock: str, requirements: str, constraints: str) -> list[str]:
    """Return what is wrong with a lock: a package without hash, a version not tested, a requirement not in it."""
    faults, pins, tested = [], read_pins(lock), read_pins(constraints)
    lines = lock.splitlines()
    for place, line in enumerate(lines):
        if _PIN.match(line) and (place + 1 == len(lines) or not _HASH.match(lines[place + 1])):
            faults.append(f"no hash: {line.split()[0]}")
        if not (_PIN.match(line) or _HASH.match(line) or line.startswith("#")):
            faults.append(f"neither a pin nor a hash: {line}")
    faults += [f"{name}=={pin} is not the tested version {tested.get(name)}"
               for name, pin in pins.items() if tested.get(name) != pin]
    faults += [f"{name}=={pin} of requirements.txt is not in it"
               for name, pin in read_pins(requirements).items() if pins.get(name) != pin]
    return faults


def _resolve() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(  # noqa: S603 - pip with fixed arguments
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run",
             "--ignore-installed", "--report", str(report), "-c",
             str(ROOT / "constraints.txt"), "-r", str(ROOT / "requirements.txt")], check=True)
        found: dict[str, object] = json.loads(report.read_text("utf-8"))
        return found


def main() -> int:
    """Write the lock, or compare it; return the exit status."""
    if "--check" not in sys.argv[1:]:
        LOCK.write_text(write_lock(_resolve()), "utf-8")
    faults = find_faults(LOCK.read_text("utf-8"), (ROOT / "requirements.txt").read_text("utf-8"),
                         (ROOT / "constraints.txt").read_text("utf-8"))
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.stdout.write(f"requirements.lock: {len(read_pins(LOCK.read_text('utf-8')))} packages, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
