"""What a page needs is there before anybody asks; the frame script itself has not run."""

import subprocess
import sys

from govdesk.settings import ROOT

CODE = """
import sys
from govdesk.ui.warm_up import warm_up
warm_up()
assert "govdesk.ui.map_stage" in sys.modules and "pydeck" in sys.modules and "pandas" in sys.modules
assert "govdesk.ui.wall.screen" in sys.modules
assert "govdesk.ui.main" not in sys.modules
import gc
assert gc.get_freeze_count() > 100_000
"""


def test_warm_up_imports_everything_but_the_frame():
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
