"""CPU and memory of process trees."""

import os
import subprocess
import sys
import time

from hippodrome.dashboard.usage import Meter, from_ps, process_trees, processes
from hippodrome.wait import Deadline, until

BUSY_CHILD = "import subprocess,sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"


def test_a_program_counts_with_all_its_descendants() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY_CHILD], start_new_session=True) as parent:
        try:
            pids = {"busy": parent.pid}
            assert until(lambda: len(process_trees(pids, processes())["busy"]) == 2, Deadline(20))
            meter = Meter()
            assert meter.read(pids)["busy"].cpu is None
            time.sleep(2)  # what is measured is the time that passes
            use = meter.read(pids)["busy"]
            assert use.cpu is not None
            assert 0.05 < use.cpu < 1.5
            assert use.memory_bytes > 5_000_000
        finally:
            os.killpg(parent.pid, 9)


def test_a_program_whose_process_is_gone_is_left_out() -> None:
    assert Meter().read({"gone": 2**22 + 1}) == {}


def test_ps_tells_the_same_as_proc() -> None:
    own = os.getpid()
    by_ps = next(process for process in from_ps() if process.pid == own)
    by_proc = next(process for process in processes() if process.pid == own)
    assert by_ps.parent == by_proc.parent == os.getppid()
    assert abs(by_ps.cpu_s - by_proc.cpu_s) < 3
    assert 0.5 < by_ps.memory_bytes / by_proc.memory_bytes < 2
