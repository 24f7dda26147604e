"""The end of a process: nothing is looked through for garbage that the kernel takes back anyway."""

import subprocess
import sys

from infra.settings import CHECKOUT

_SCRIPT = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0)); from infra.processes import end_quickly; end_quickly()"


def test_what_a_process_holds_at_its_end_is_left_out_of_the_last_collection() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
