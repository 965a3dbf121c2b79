"""The file: written line by line, read back with its mistakes told by their lines."""

import json
import stat
from pathlib import Path

import pytest

from hippodrome.cell.exchange import Answered, Asked, Body, Exchange, line_of
from hippodrome.cell.recording import Writer, read, read_some
from hippodrome.errors import UserError

ASKED = Asked("POST", "/indexes/a/search?x=1", {"accept": "*/*"}, Body("json", {"q": "ü", "limit": 1.5}))
EXCHANGE = Exchange(
    ASKED, Answered(200, {}, Body("left_out", "it is not text", 7)), "2026", "http://localhost:1", 1.5
)
LINE = line_of(EXCHANGE)


def written(path: Path, *exchanges: Exchange) -> None:
    writer = Writer(path)
    for each in exchanges:
        writer.write(each)
    writer.close()


def refused(path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        read_some(path)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_written_is_read_and_is_this_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    written(path, EXCHANGE, EXCHANGE)
    assert read(path).exchanges == ((1, EXCHANGE), (2, EXCHANGE))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [1, 11, 12, len(LINE) // 2, len(LINE) - 2])
def test_a_torn_last_line_is_told_and_then_gone_on_from(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(LINE + LINE[:size])
    assert [line for line, _ in read(path).exchanges] == [1]
    assert str(read(path).torn) == f"{path}:2"
    written(path, EXCHANGE)
    assert path.read_text() == LINE * 2


def test_a_last_line_that_lacks_its_end_alone_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(LINE.rstrip())
    assert (len(read(path).exchanges), read(path).torn) == (1, None)
    written(path, EXCHANGE)
    assert path.read_text() == LINE * 2


def test_all_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    path, told = tmp_path / "a.jsonl", json.loads(LINE)
    wrong = [
        "no",
        "{}",
        json.dumps({**told, "version": 2}),
        json.dumps({**told, "request": {}}),
        json.dumps({**told, "response": {**told["response"], "body": {}}}),
    ]
    path.write_text("\n".join([LINE.rstrip(), *wrong, "[1", ""]))
    found = refused(path)
    assert [each.removeprefix(f"{path}:")[0] for each in found] == ["2", "3", "4", "5", "6", "7"]
    assert "its version is 2" in found[2]
    assert "`request.method` must be text" in found[3]
    assert "`response.body` must be null" in found[4]


def test_a_line_torn_in_the_middle_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(LINE[:30] + "\n" + LINE)
    assert refused(path)[0].startswith(f"{path}:1: this is not JSON")


def test_a_file_of_another_kind_is_neither_read_nor_written_to(tmp_path: Path) -> None:
    path, link = tmp_path / "a.txt", tmp_path / "link"
    path.write_text("dear diary\n")
    link.symlink_to(tmp_path / "elsewhere")
    for each in (path, link, tmp_path):
        with pytest.raises(UserError):
            Writer(each)
    assert path.read_text() == "dear diary\n"
    assert refused(tmp_path / "none")
    assert not (tmp_path / "elsewhere").exists()


def test_an_empty_one_has_nothing_to_ask_again_and_only_one_writes_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    first = Writer(path)
    assert "no whole exchange" in refused(path)[0]
    with pytest.raises(UserError, match="another"):
        Writer(path)
    first.close()
