"""Which tunnel is taken, and what is said where none can be."""

from pathlib import Path

import pytest

from hippodrome.errors import ExitCode, UserError
from hippodrome.events.account.keeper import Keeper
from hippodrome.events.tunnels import cloudflared, ngrok
from hippodrome.events.tunnels.tunnel import choose
from tests.events.account.conftest import Tools, eventually


def environ(tools: Tools, home: Path, **more: str) -> dict[str, str]:
    return {"PATH": tools.path, "HOME": str(home), **more}


def refused(environ: dict[str, str]) -> UserError:
    with pytest.raises(UserError) as caught:
        choose(environ)
    assert caught.value.exit_code == ExitCode.FAILED
    return caught.value


def test_without_any_it_says_what_to_install(tools: Tools, tmp_path: Path) -> None:
    (problem,) = refused(environ(tools, tmp_path)).problems
    assert problem.code == "no-tunnel"
    assert "cloudflared" in problem.hint and "--events-via sqs" in problem.hint


def test_an_ngrok_without_a_token_is_told_apart_from_none(tools: Tools, tmp_path: Path) -> None:
    tools.install("ngrok")
    (problem,) = refused(environ(tools, tmp_path)).problems
    assert problem.code == "no-ngrok-token"
    assert "`ngrok config add-authtoken TOKEN`" in problem.hint


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (".config/ngrok/ngrok.yml", "version: '2'\nauthtoken: 2abc\n"),
        (".config/ngrok/ngrok.yml", "version: '3'\nagent:\n  authtoken: 2abc\n"),
        ("Library/Application Support/ngrok/ngrok.yml", "version: '3'\nagent: {authtoken: 2abc}\n"),
        (".ngrok2/ngrok.yml", "authtoken: 2abc\n"),
    ],
)
def test_a_token_is_found_where_ngrok_keeps_it(where: str, text: str, tools: Tools, tmp_path: Path) -> None:
    tools.install("ngrok")
    path = tmp_path / where
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert choose(environ(tools, tmp_path)).NAME == "ngrok"


@pytest.mark.parametrize("text", ["", "[]", "version: '3'\nagent: none\n", "a: [", "authtoken: ''\n"])
def test_a_file_without_a_token_has_none(text: str, tools: Tools, tmp_path: Path) -> None:
    tools.install("ngrok")
    path = tmp_path / ".config" / "ngrok" / "ngrok.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    refused(environ(tools, tmp_path))


def test_a_token_in_the_environment_will_do(tools: Tools, tmp_path: Path) -> None:
    tools.install("ngrok")
    assert choose(environ(tools, tmp_path, NGROK_AUTHTOKEN="2abc")).NAME == "ngrok"


def test_ngrok_without_a_token_says_so_itself_too(tools: Tools, tmp_path: Path) -> None:
    tools.install("ngrok")
    keeper = Keeper(ngrok, 9, tmp_path, environ=environ(tools, tmp_path))
    eventually(lambda: keeper.turn() or "ERR_NGROK_4018" in keeper.why, "said")
    assert "it has no account token: `ngrok config add-authtoken TOKEN` (ERR_NGROK_4018)" in keeper.why
    keeper.close()


def test_a_person_s_own_settings_of_cloudflared_are_not_used(tools: Tools, tmp_path: Path) -> None:
    """With a `tunnel:` in ~/.cloudflared/config.yml the real one refuses a quick tunnel; the stand-in checks too."""
    tools.install("cloudflared")
    keeper = Keeper(cloudflared, 9, tmp_path, environ=environ(tools, tmp_path))
    assert eventually(keeper.turn, "open") == "https://quiet-river-1.trycloudflare.com"
    keeper.close()


@pytest.mark.parametrize(
    "line",
    [
        'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": EOF',
        "INF Requesting new quick Tunnel on trycloudflare.com...",
        "INF |  https://quiet-river.trycloudflare.com.evil.example  |",
    ],
)
def test_no_other_address_is_taken_for_the_tunnel_s(line: str) -> None:
    assert not cloudflared.URL.search(line)
