"""Units and plists hold any path and any flag."""

import os
import plistlib
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hippodrome.targets.autostart import Autostart, is_ours, plist, unit

NAMES = st.text(
    st.characters(exclude_characters="\0/", exclude_categories=["Cs"]) | st.sampled_from("%$\\'\" \n;#:-"), min_size=1
)
FOLDERS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
ONE = Autostart(
    identity="shop-0a1b2c3d4e",
    directory="/home/ada/shop",
    start=("/home/ada/hippodrome/hd", "up", "--detach", "--project-root", "/home/ada/shop", "--profile=ecom"),
    stop=("/home/ada/hippodrome/hd", "down", "--project-root", "/home/ada/shop"),
    environment={"PATH": "/usr/bin:/bin"},
)
ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\", b'"': b'"'}


def read_word(text: bytes) -> bytes:
    """As systemd's extract_first_word does with C escapes, and then its specifiers."""
    assert text[:1] == text[-1:] == b'"', text
    assert b'"' not in re.sub(rb"\\.", b"", text[1:-1], flags=re.DOTALL), text
    plain = ESCAPE.sub(lambda m: LETTERS[m[1]] if len(m[1]) == 1 else bytes.fromhex(m[1][1:].decode()), text[1:-1])
    assert b"%" not in plain.replace(b"%%", b""), text
    return plain.replace(b"%%", b"%")


def read_words(line: bytes) -> list[str]:
    words = re.findall(rb'"(?:[^"\\]|\\.)*"', line, re.DOTALL)
    assert b" ".join(words) == line
    return [os.fsdecode(read_word(word)) for word in words]


def settings(text: str) -> dict[bytes, bytes]:
    lines = [line.partition(b"=") for line in text.encode().split(b"\n") if b"=" in line]
    return {name: value for name, _, value in lines}


@given(FOLDERS, FOLDERS, st.lists(NAMES, max_size=3))
@example("/opt/my hd", "/home/ö/50 % \"off\" 'now' $HOME \\", ["--source=api=~/a b"])
@example("/opt/it's", "/x\n[Service]\nExecStart=/bin/false", [])
def test_a_unit_says_again_what_it_was_given(program: str, folder: str, flags: list[str]) -> None:
    start = (f"{program}/hd", "up", "--project-root", folder, *flags)
    text = unit(replace(ONE, directory=folder, start=start, environment={"PATH": folder}))
    found = settings(text)
    first, *rest = read_words(found[b"ExecStart"])
    assert first.startswith(":/")
    argv = [first[1:], *rest]
    if argv[0] == "/bin/sh":
        assert argv[1:3] == ["-c", 'exec "$0" "$@"']
        argv = argv[3:]
    assert tuple(argv) == start
    assert os.fsdecode(read_word(found[b"Environment"])) == f"PATH={folder}"
    if directory := found.get(b"WorkingDirectory"):
        assert os.fsdecode(directory).replace("%%", "%") == folder
    assert text.count("ExecStart=") - text.count("ExecStart=/bin/false") == 1
    assert is_ours(text.encode())


@given(FOLDERS)
def test_a_plist_says_again_what_it_was_given_or_nothing_is_written(folder: str) -> None:
    wanted = replace(ONE, directory=folder, start=("/hd", "--project-root", folder))
    try:
        content = plist(wanted)
    except ValueError:
        assert not folder.isprintable()
        return
    told = plistlib.loads(content)
    assert told["WorkingDirectory"] == folder.replace("\r", "\n") or told["WorkingDirectory"] == folder
    assert told["RunAtLoad"]
    assert told["AbandonProcessGroup"]
    assert is_ours(content)


@pytest.mark.parametrize(
    "content", [b"", b"[Unit]\n", b"\xff\xfe", b"<plist></plist>", b"bplist00", plistlib.dumps({})]
)
def test_what_others_wrote_is_known(content: bytes) -> None:
    assert not is_ours(content)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not there")
@pytest.mark.parametrize("name", ["shop", "a shop", "50 % off", 'it\'s "ö" $HOME'])
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    program = folder / "hd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    wanted = replace(ONE, directory=str(folder), start=(str(program), "up"), stop=(str(program), "down"))
    path = tmp_path / wanted.unit
    path.write_text(unit(wanted))
    asked = ["systemd-analyze", "--user", "verify", "--recursive-errors=no", str(path)]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(asked, capture_output=True, text=True, env=environ, timeout=60)
    assert wanted.unit not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr
