"""`hd run` and `hd exec`: a service in a terminal, with a real supervisord behind it."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from select import select

import pytest

from hippodrome.wait import Deadline
from tests.cli.conftest import HD, PATIENCE_S, Eventually, Project, is_open

DEBUGGED = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/stop": breakpoint()
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ.get("GREETING", "hello").encode())
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@dataclass
class Terminal:
    """What runs in a pseudo-terminal, and what it has shown."""

    child: "subprocess.Popen[bytes]"
    master: int
    shown: str = ""

    def read_until(self, text: str) -> str:
        """All that was shown, once `text` is part of what was not read yet."""
        deadline, begun = Deadline(PATIENCE_S), len(self.shown)
        while text not in self.shown[begun:]:
            assert not deadline.is_over, self.shown
            if select([self.master], [], [], 0.2)[0]:
                with suppress(OSError):
                    self.shown += os.read(self.master, 65536).decode(errors="replace")
            elif self.child.poll() is not None:
                raise AssertionError(f"ended with {self.child.returncode}: {self.shown}")
        return self.shown[begun:]

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        """The exit status; what is still shown meanwhile is read."""
        deadline = Deadline(PATIENCE_S)
        while self.child.poll() is None:
            assert not deadline.is_over, self.shown
            if select([self.master], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.shown += os.read(self.master, 65536).decode(errors="replace")
        return self.child.returncode


@contextmanager
def terminal(project: Project, *arguments: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", TAKES_TERMINAL, *HD, *arguments],
        cwd=project.folder,
        env=project._env({"TERM": "xterm"}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(child, master)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait(timeout=PATIENCE_S)
        os.close(master)


# a hang-up may be ignored where the tests run (nohup), and is not in a terminal
TAKES_TERMINAL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


def ask(port: int, path: str = "/") -> str:
    from urllib.request import urlopen

    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_S) as answer:
        return str(answer.read().decode())


@pytest.fixture
def port(project: Project) -> int:
    """Of `api`, which stops in the debugger when it is asked to; `web` depends on it."""
    secret = [sys.executable, "-c", "print('s3cret-' + 'value')"]
    port = project.server("api", environment={"GREETING": "hallo"}, secrets={"TOKEN": secret}, stop_grace_period="5s")
    (project.folder / "server.py").write_text(DEBUGGED)
    project.server(
        "web",
        command=[sys.executable, "-c", "import time; time.sleep(3600)"],
        healthcheck={"disable": True},
        depends_on=["api"],
    )
    (project.folder / "server.py").write_text(DEBUGGED)
    assert project.hd("up", "-d").returncode == 0
    return port


def test_a_breakpoint_of_a_service_that_is_run_by_hand_is_a_session_of_pdb(
    project: Project, port: int, eventually: Eventually
) -> None:
    before = project.statuses()
    with terminal(project, "run", "api") as shell:
        shell.read_until("api runs here now")
        eventually(lambda: project.statuses()["api"]["state"] == "healthy")
        there = project.statuses()
        assert there["api"]["cause"] == "by-hand"
        assert "run by hand" in project.hd("ps").stdout
        assert there["web"]["pid"] == before["web"]["pid"], "a dependent goes on"
        with subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{port}/stop"], stdout=subprocess.PIPE) as asking:
            shell.read_until("(Pdb) ")
            shell.type("p os.environ['TOKEN'] + os.environ['GREETING'], os.getcwd()\n")
            told = shell.read_until("(Pdb) ")
            assert "s3cret-valuehallo" in told
            assert str(project.folder) in told
            shell.type("c\n")
            assert asking.communicate(timeout=PATIENCE_S)[0] == b"hallo"
        shell.type("\x1c")  # pdb, once it was there, takes Ctrl+C for a wish to look around
        assert shell.end() == 128 + signal.SIGQUIT
        assert "api is given back" in shell.shown
    eventually(lambda: project.statuses()["api"]["state"] == "healthy")
    after = project.statuses()
    assert after["api"]["cause"] == ""
    assert after["api"]["pid"] not in (before["api"]["pid"], there["api"]["pid"])
    assert after["web"]["pid"] == before["web"]["pid"]


def test_ctrl_c_ends_what_is_run_by_hand_and_hd_gives_it_back(
    project: Project, port: int, eventually: Eventually
) -> None:
    with terminal(project, "run", "api") as shell:
        shell.read_until("api runs here now")
        eventually(lambda: is_open(port))
        shell.type("\x03")
        assert shell.end() == 128 + signal.SIGINT
        assert "api is given back" in shell.shown
    eventually(lambda: project.statuses()["api"]["state"] == "healthy")


def test_a_service_comes_back_though_hd_was_killed_while_it_was_run_by_hand(
    project: Project, port: int, eventually: Eventually
) -> None:
    def is_by_hand() -> bool:
        status = project.statuses()["api"]
        return (status["state"], status["cause"]) == ("healthy", "by-hand")

    child = project.spawn("run", "api")
    eventually(is_by_hand)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(timeout=PATIENCE_S)
    assert ask(port) == "hallo", "what was run goes on"
    assert is_by_hand()
    assert project.hd("run", "api").returncode == 7
    assert project.hd("restart", "api").returncode == 0
    eventually(lambda: project.statuses()["api"]["state"] == "healthy" and not is_by_hand())
    assert ask(port) == "hallo"


def test_what_hd_ran_by_hand_need_only_end_for_the_service_to_come_back(
    project: Project, port: int, eventually: Eventually
) -> None:
    with terminal(project, "run", "api") as shell:
        shell.read_until("api runs here now")
        eventually(lambda: is_open(port))
        shell.child.kill()  # it leads the session, so that the terminal hangs up on what it ran
    eventually(lambda: project.statuses()["api"]["state"] == "healthy" and not project.statuses()["api"]["cause"])
    assert ask(port) == "hallo"


@pytest.mark.parametrize("verb", ["stop", "restart", "down"])
def test_what_is_said_of_a_service_holds_for_one_that_is_run_by_hand(
    project: Project, port: int, eventually: Eventually, verb: str
) -> None:
    with terminal(project, "run", "api") as shell:
        shell.read_until("api runs here now")
        eventually(lambda: is_open(port))
        assert project.hd(verb, *([] if verb == "down" else ["api"])).returncode == 0
        assert shell.end() == 128 + signal.SIGTERM
    assert is_open(port) == (verb == "restart")


def test_a_service_is_run_by_hand_in_one_place_at_a_time(project: Project, port: int) -> None:
    with terminal(project, "run", "api") as shell:
        shell.read_until("api runs here now")
        again = project.hd("run", "api")
        assert again.returncode == 7
        assert re.search(r"`api` is run by hand already \(pid \d+\)", again.stderr)


def test_a_service_that_was_stopped_is_given_back_stopped(project: Project, port: int) -> None:
    project.hd("stop", "web", "api")
    done = project.hd("run", "api", "--", sys.executable, "-c", "import sys; sys.exit(3)")
    assert done.returncode == 3
    assert "api stays stopped" in done.stderr
    assert project.statuses()["api"]["state"] == "stopped"


def test_without_a_stack_a_service_is_run_alone(project: Project) -> None:
    project.server("api", environment={"GREETING": "hallo"})
    done = project.hd("run", "api", sys.executable, "-c", "import os; print(os.environ['GREETING'])")
    assert (done.returncode, done.stdout) == (0, "hallo\n")
    assert "No stack runs here" in done.stderr
    assert project.hd("run", "nobody").returncode == 2
    assert "[no-such-command]" in project.hd("run", "api", "no-such-command").stderr


@pytest.mark.parametrize("runs", [True, False])
def test_a_command_has_the_environment_folder_and_interpreter_of_the_service(project: Project, runs: bool) -> None:
    secret = [sys.executable, "-c", "print('s3cret')"]
    (project.folder / "inner").mkdir()
    project.server("api", environment={"GREETING": "hallo"}, secrets={"TOKEN": secret})
    project.add("other", command=["true"], working_dir="inner", environment={"A": "b"}, restart="no")
    if runs:
        assert project.hd("up", "-d").returncode == 0
    told = "import os, sys; print(os.environ['GREETING'], os.environ['TOKEN'], sys.executable); sys.exit(7)"
    done = project.hd("exec", "api", "--", "python", "-c", told, SECRET_OF_CALLER="x")
    assert done.returncode == 7
    assert done.stdout.split() == ["hallo", "s3cret", sys.executable]
    assert project.hd("exec", "other", "pwd").stdout.strip() == str(project.folder / "inner")
    assert "HD_STACK_ID" not in project.hd("exec", "api", "env").stdout, "it does not end with the service"
    assert "SECRET_OF_CALLER" not in project.hd("exec", "api", "env", SECRET_OF_CALLER="x").stdout
    assert project.hd("exec", "nobody", "true").returncode == 2
