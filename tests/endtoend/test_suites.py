"""Suites by name, what they are told of a stack, and that nothing of theirs can harm real data."""

import socket
from pathlib import Path

import pytest

from hippodrome.endtoend import suites
from hippodrome.endtoend.own_stack import kept_ports
from hippodrome.errors import UserError
from hippodrome.listeners import is_free
from hippodrome.shop.client import RealDataError, Shop
from tests.e2e.conftest import Stack, settings_of
from tests.stack import free_port

SEVEN = (
    "ecom_aliasing",
    "ecom_analytics",
    "ecom_import_export",
    "ecom_onboarding",
    "ecom_onboarding_text",
    "index_forking",
    "shopify_onboarding",
)


def test_the_seven_suites_are_there() -> None:
    assert tuple(suites.suites()) == SEVEN


@pytest.mark.parametrize(
    "name", ["ecom_import_export", "import-export", "import_export", "ecom_import_export_test.py"]
)
def test_a_suite_goes_by_any_of_its_names(name: str) -> None:
    assert [path.name for path in suites.chosen([name])] == ["ecom_import_export_test.py"]


def test_all_suites_are_run_when_none_is_named() -> None:
    assert len(suites.chosen([])) == len(SEVEN)


def test_a_suite_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean `ecom_aliasing`"):
        suites.chosen(["aliasin"])


def test_what_is_set_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env.hippodrome").write_text("export A=1\nexport B=2\n")
    assert settings_of({"B": "3", "C": "4"}, tmp_path) == {"A": "1", "B": "3"}
    (tmp_path / ".env.staging").write_text("A=5\n")
    assert settings_of({"ENVIRONMENT": "staging"}, tmp_path) == {"A": "5"}
    with pytest.raises(FileNotFoundError, match="ENVIRONMENT names it"):
        settings_of({"ENVIRONMENT": "nowhere"}, tmp_path)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_that_changes_data_is_ever_sent_to_prod(method: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    stack = Stack("prod", nobody, nobody, nobody, "key", 42)
    with pytest.raises(RealDataError):
        stack.shop("key").admin(method, "/indexes/store")


def test_a_shop_of_real_data_can_be_read() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(OSError, match="refused"):  # it was sent
        Shop(nobody, nobody, "key", is_data_real=True).admin("GET", "/indexes")


def test_a_port_that_is_kept_is_given_to_nobody_but_a_server() -> None:
    with kept_ports(str(number) for number in range(50)) as ports:
        assert len(set(ports.values())) == 50
        assert all(is_free(port, "127.0.0.1") for port in ports.values())
        with socket.create_server(("127.0.0.1", ports["0"])):
            assert not is_free(ports["0"], "127.0.0.1")
