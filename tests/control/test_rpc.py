"""The lean client: against supervisord as it is published, and against servers that misbehave."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.control import xmlrpc
from hippodrome.control.rpc import NotRunning, OtherVersion, Refused, Supervisor, is_running
from hippodrome.errors import ExitCode, UserError
from hippodrome.plan.layout import Layout
from hippodrome.wait import Deadline, until

CONF = """
[unix_http_server]
file=%(here)s/hd.sock
[supervisord]
nodaemon=true
silent=true
logfile=%(here)s/supervisord.log
pidfile=%(here)s/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = "[program:{}]\ncommand=sleep 600\nautostart=false\nenvironment=A='{}'\n"


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """Of a supervisord without a plug-in, which has the programs `a` and `b`."""
    layout = Layout(tmp_path, tmp_path)
    layout.supervisord_conf.write_text(CONF + PROGRAM.format("a", 1) + PROGRAM.format("b", 1))
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(layout.supervisord_conf)]
    child = subprocess.Popen(command, start_new_session=True)
    assert until(lambda: is_running(layout) or child.poll() is not None, Deadline(30))
    yield layout
    child.kill()  # it has no processes
    child.wait(30)


def call(layout: Layout, method: str, *arguments: xmlrpc.Value) -> xmlrpc.Value:
    return xmlrpc.call(layout.socket, method, arguments, timeout_s=30)


def test_values_arrive_as_they_are(layout: Layout) -> None:
    assert call(layout, "supervisor.getState") == {"statecode": 1, "statename": "RUNNING"}
    assert isinstance(call(layout, "supervisor.getPID"), int)
    assert call(layout, "system.multicall", []) == []
    assert "supervisor.getState" in str(call(layout, "system.listMethods"))


@pytest.mark.parametrize("text", ["a<b>&amp;]]>", "Ünï ✓ 🙂", "x" * 200_000, "", " two\nlines "])
def test_any_text_survives_the_way_there_and_back(layout: Layout, text: str) -> None:
    with pytest.raises(xmlrpc.Fault) as caught:
        call(layout, "supervisor.getProcessInfo", text)
    assert caught.value.text == f"BAD_NAME: {text}"


def test_what_changed_in_the_file_is_read(layout: Layout) -> None:
    layout.supervisord_conf.write_text(CONF + PROGRAM.format("a", 2) + PROGRAM.format("c", 1))
    seen = Supervisor(layout).reread()
    assert (seen.added, seen.changed, seen.removed) == (("c",), ("a",), ("b",))


def test_a_file_that_supervisord_refuses_is_an_error_with_its_words(layout: Layout) -> None:
    layout.supervisord_conf.write_text(CONF + "[program:a]\ncommand=sleep 1\nstartsecs=soon\n")
    with pytest.raises(Refused, match="CANT_REREAD") as caught:
        Supervisor(layout).reread()
    assert caught.value.exit_code == ExitCode.FAILED


def test_a_supervisord_without_our_calls_is_of_another_version(layout: Layout) -> None:
    with pytest.raises(OtherVersion) as caught:
        Supervisor(layout).status()
    assert caught.value.exit_code == ExitCode.CONFLICT


def test_nothing_runs_where_there_is_no_socket_or_one_that_nobody_answers_on(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path)
    assert not is_running(layout)
    with pytest.raises(NotRunning) as caught:
        Supervisor(layout).status()
    assert caught.value.exit_code == ExitCode.NOT_RUNNING
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(layout.socket))
    assert not is_running(layout)
    with pytest.raises(NotRunning, match="nothing is running"):
        Supervisor(layout).status()


def test_one_that_hangs_is_not_waited_for_beyond_patience(layout: Layout) -> None:
    pid = call(layout, "supervisor.getPID")
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(NotRunning):
        Supervisor(layout, patience_s=0.3).status()
    os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 500 Oops\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n<methodResponse>",
        b"HTTP/1.0 200 OK\r\n\r\nnot xml",
        b"HTTP/1.0 200 OK\r\n\r\n<methodResponse></methodResponse>",
    ],
)
def test_an_answer_that_is_none_is_a_clear_error(tmp_path: Path, answer: bytes) -> None:
    layout = Layout(tmp_path, tmp_path)

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(answer)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(layout.socket))
        server.listen()
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        with pytest.raises(UserError) as caught:
            Supervisor(layout).status()
        thread.join()
    assert caught.value.exit_code == ExitCode.NOT_RUNNING
