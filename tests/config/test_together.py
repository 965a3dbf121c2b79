"""What the files say and what the plan of it finds, told together: all at once, and nothing twice."""

from pathlib import Path

import pytest

from hippodrome.cli.project import Choice, check_all, open_project

HEAD = "packaged: false\nservices:\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def codes(folder: Path, *lines: str) -> list[tuple[int, str]]:
    """Line and code of every problem; the first service is in line 3."""
    (folder / "hippodrome.yaml").write_text(HEAD + "\n".join(lines))
    problems, _ = check_all(open_project(folder), Choice())
    return [(problem.place.line if problem.place else 0, problem.code) for problem in problems]


def test_the_kinds_of_mistakes_that_only_the_whole_shows(tmp_path: Path) -> None:
    assert codes(
        tmp_path,
        "  a: {command: x, port: 80, depends_on: [b]}",
        "  b: {command: x, port: 80, depends_on: [a]}",
        "  c: {command: x, depends_on: {d: {condition: service_healthy}}}",
        "  d: {command: x, environment: {U: '${services.e.url}'}}",
        "  e: {command: x, environment: {U: '${env.NEVER_SET_ANYWHERE}'}}",
        "  f: {command: x, depends_on: [g]}",
        "  g: {command: x, enabled: false}",
        "table_prefix: 'not/allowed'",
    ) == [
        (3, "dependency-cycle"),
        (4, "port-taken-twice"),
        (6, "undefined-reference"),
        (7, "unset-variable"),
        (8, "required-left-out"),
        (10, "bad-table-prefix"),
    ]


def test_a_mistake_that_takes_nothing_away_hides_nothing(tmp_path: Path) -> None:
    assert codes(
        tmp_path,
        "  a: {command: x, port: 80, restart: never, depends_on: [nobody]}",
        "  b: {command: x, port: 80, stop_signal: SIGNOPE, environment: {A: '${prt}'}}",
    ) == [
        (3, "bad-restart"),
        (3, "unknown-service"),
        (4, "port-taken-twice"),
        (4, "bad-signal"),
        (4, "undefined-reference"),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["  a: {comand: x}"],
        ["  a: {command: [x, [y]]}"],
        ["  a: {command: x, prt: 80, environment: {A: '${port}'}}"],
        ["  a: {command: x, port: eighty}", "  b: {command: x, environment: {A: '${services.a.url}'}}"],
        ["  a: {command: x, enabled: maybe}", "  b: {command: x, depends_on: [a]}"],
        ["  a: {command: x, healthcheck: {htp: /}, port: 80}", "  b: {command: x, depends_on: [a]}"],
        ["  a: {sources: [{pth: x}]}"],
        ["  a: {command: x, depends_on: [nobody]}"],
    ],
)
def test_what_follows_from_a_mistake_is_not_one_more(tmp_path: Path, lines: list[str]) -> None:
    assert len(codes(tmp_path, *lines)) == 1


def test_a_service_may_be_written_over_many_lines(tmp_path: Path) -> None:
    assert codes(
        tmp_path,
        *("  a:", "    command: x", "    prt: 80", "    environment:", "      A: '${port}'"),
        *("  b:", "    command: x", "    environment:", "      A: '${port}'"),
    ) == [(5, "unknown-key"), (11, "undefined-reference")]


def test_a_cycle_is_told_beside_a_mistake_in_the_same_service(tmp_path: Path) -> None:
    found = codes(tmp_path, "  a: {command: x, restrat: no, depends_on: [b]}", "  b: {command: x, depends_on: [a]}")
    assert found == [(3, "unknown-key"), (3, "dependency-cycle")]


def test_what_is_switched_off_or_in_another_profile_is_in_no_cycle(tmp_path: Path) -> None:
    assert (
        codes(
            tmp_path,
            "  a: {command: x, depends_on: {b: {required: false}}, profiles: [one]}",
            "  b: {command: x, depends_on: {a: {required: false}}, profiles: [two]}",
            "  c: {command: x, depends_on: {d: {required: false}}}",
            "  d: {command: x, depends_on: [c], enabled: false}",
        )
        == []
    )


def test_profiles_that_only_services_name_are_checked_too(tmp_path: Path) -> None:
    assert codes(tmp_path, "  a: {command: x}", "  b: {command: x, depends_on: [b], profiles: [debug]}") == [
        (4, "dependency-cycle")
    ]


def test_what_ships_is_valid_with_every_profile_and_cell(tmp_path: Path) -> None:
    (tmp_path / "hippodrome.yaml").write_text("")
    assert check_all(open_project(tmp_path), Choice()) == ((), ())
