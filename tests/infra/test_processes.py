"""How children are started."""

import os
import sys
from pathlib import Path

from infra.processes import Launch, start_process

_TELL = "import os, pathlib; print(os.nice(0), pathlib.Path('/proc/self/autogroup').read_text() if os.path.exists('/proc/self/autogroup') else 'nice 4')"


def test_what_steps_back_and_all_it_starts_leaves_the_processor_to_others(tmp_path: Path) -> None:
    said: dict[bool, str] = {}
    for steps_back in (True, False):
        log = tmp_path / f"{steps_back}.log"
        argv = [sys.executable, "-S", "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {_TELL!r}])"]
        assert start_process(Launch(argv, log, {"PATH": os.defpath}, steps_back=steps_back)).wait(60) == 0
        said[steps_back] = log.read_text()
    ours = os.nice(0)
    assert said[True].startswith(f"{min(19, ours + 4)} ")
    assert said[True].strip().endswith("nice 4")
    assert said[False].startswith(f"{ours} ")
