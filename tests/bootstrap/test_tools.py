"""A tool is heard, logged, and ended with all that it started."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hippodrome.bootstrap import tools as module
from hippodrome.bootstrap.tools import LAST_LINES, ToolError, Tools
from hippodrome.wait import Deadline, until

PATIENCE_S = 30.0
WITH_A_CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_every_line_is_heard_and_kept_in_the_log_after_the_command(tmp_path: Path) -> None:
    heard: list[str] = []
    tools = Tools(log=tmp_path / "log")
    for word in ("one", "two"):
        tools.run(python(f"import sys; print('{word}'); print('oh', file=sys.stderr)"), hear=heard.append)
    assert sorted(heard) == ["oh\n", "oh\n", "one\n", "two\n"]
    logged = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[0] for line in logged].count("$") == 2
    assert {"one", "two", "oh"} < set(logged)


def test_it_runs_where_and_with_what_it_is_told_and_cannot_ask(tmp_path: Path) -> None:
    heard: list[str] = []
    code = "import os, sys; print(os.getcwd(), os.environ['A'], repr(sys.stdin.read()))"
    Tools(environ={"A": "b"}).run(python(code), folder=tmp_path, hear=heard.append)
    assert heard == [f"{tmp_path} b ''\n"]


def test_a_failure_names_the_tool_its_status_and_its_last_lines() -> None:
    with pytest.raises(ToolError) as caught:
        Tools().run(python("print(*range(20), sep='\\n'); raise SystemExit(3)"))
    assert caught.value.what == f"`{Path(sys.executable).name} -c …` exited with 3"
    assert caught.value.lines == tuple(str(number) for number in range(20))[-LAST_LINES:]


def test_a_module_of_python_is_named_as_people_name_it() -> None:
    with pytest.raises(ToolError, match=r"^`json\.tool no-such-file` exited with \d"):
        Tools().run([sys.executable, "-I", "-m", "json.tool", "no-such-file"])


def test_output_that_is_no_text_does_no_harm() -> None:
    heard: list[str] = []
    Tools().run(python(r"import sys; sys.stdout.buffer.write(b'\xff\xfe\n')"), hear=heard.append)
    assert len(heard) == 1


def test_a_tool_that_is_not_there_is_named() -> None:
    with pytest.raises(ToolError, match="`no-such-tool` cannot be run: No such file or directory"):
        Tools().run(["no-such-tool"])


@pytest.mark.parametrize("before", ["", STUBBORN], ids=["heeds SIGTERM", "ignores SIGTERM"])
def test_stopping_ends_a_tool_with_all_that_it_started(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.5)
    told: list[int] = []
    tools = Tools()
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(
            tools.run, python(before + WITH_A_CHILD), hear=lambda line: told.extend(map(int, line.split()))
        )
        assert until(lambda: told, Deadline(PATIENCE_S))
        tools.running.stop()
        with pytest.raises(ToolError):
            run.result(PATIENCE_S)
    assert len(told) == 2
    assert until(lambda: not any(map(is_alive, told)), Deadline(PATIENCE_S))


def test_once_stopped_nothing_more_is_started(tmp_path: Path) -> None:
    tools = Tools()
    tools.running.stop()
    with pytest.raises(ToolError, match="was not started any more"):
        tools.run(python(f"open({str(tmp_path / 'made')!r}, 'w')"))
    assert not (tmp_path / "made").exists()


def test_a_listener_that_fails_ends_the_tool_too() -> None:
    told: list[int] = []

    def hear(line: str) -> None:
        told.extend(map(int, line.split()))
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Tools().run(python(WITH_A_CHILD), hear=hear)
    assert until(lambda: not any(map(is_alive, told)), Deadline(PATIENCE_S))
