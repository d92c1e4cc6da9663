"""Tries a workbook out in a process of its own: a library in machine code that runs out of memory ends its process.

An XLSX is looked through beforehand (`file_limits.scan_sheet`). An XLS is a binary format in which one damaged cell can
ask for a hundred gigabytes; here only the probe pays for it.
"""

import subprocess
import sys

from govdesk.ingest.file_limits import refuse

#: Address space of the probe: 65,536 rows of 256 columns, all the format can hold, take about 1 GB.
_MEMORY = 3 * 2**30
#: Seconds that the probe may take.
_SECONDS = 60
_PROBE = f"""
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineWorkbook, PasswordError
try:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for number in range(len(book.sheet_names)):
        sheet = book.get_sheet_by_index(number)
        if (sheet.total_height + 1) * (sheet.total_width + 1) > 70_000 * 300:
            sys.exit(4)
except PasswordError:
    sys.exit(3)
"""


def probe_workbook(data: bytes) -> None:
    """Open a workbook in another process.

    Parameters
    ----------
    data : bytes
        An XLS file.

    Raises
    ------
    FileRefusedError
        When the other process did not survive it, or found it locked or damaged.
    """
    try:
        done = subprocess.run([sys.executable, "-I", "-c", _PROBE], input=data, capture_output=True,  # noqa: S603
                              timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise refuse("file_unreadable", reason="timeout") from error
    if done.returncode == 3:
        raise refuse("file_encrypted")
    if done.returncode != 0:
        raise refuse("file_unreadable", reason="XLS")
