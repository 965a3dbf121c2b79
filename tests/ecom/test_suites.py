"""The end-to-end suites and the probes, against the running profile."""

import json
import os
import re
import subprocess
import sys

import pytest

from hippodrome.endtoend import suites
from tests.core.conftest import ROOT, SETUP_S, Core
from tests.plain_pytest import AUTOLOAD, PLAIN


def run_suite(ecom: Core, name: str) -> str:
    """Output of the suite, which has passed, under the Python of these tests."""
    urls = {suites.STANDS_FOR.get(each, f"{each.upper()}_URL"): ecom.url(each) for each in ecom.ports}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLAIN, str(suites.suites()[name])],
        cwd=ROOT,
        env={**os.environ, **AUTOLOAD, **urls, "HIPPODROME_RANDOM_SEED": "42"},
        capture_output=True,
        text=True,
        timeout=SETUP_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


LONG = {"ecom_aliasing", "ecom_import_export"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LONG else [])
        for name in suites.suites()
        if not name.startswith("shopify")
    ],
)
def test_a_suite_passes_and_skips_nothing(ecom: Core, name: str) -> None:
    told = run_suite(ecom, name)
    assert re.search(r"\d+ passed", told)
    assert "skipped" not in told


def test_the_suite_for_shopify_says_what_it_lacks(ecom: Core) -> None:
    told = run_suite(ecom, "shopify_onboarding")
    assert "SHOPIFY_SHOP and SHOPIFY_ADMIN_TOKEN not set" in told


@pytest.mark.timeout(300)
def test_every_probe_and_property_is_well(ecom: Core) -> None:
    told = ecom.hd("probe", "--full", "--examples", "3", "--json")
    findings = json.loads(told.stdout)
    assert [each for each in findings if not each["is_well"]] == []
    assert {"fake_cell", "controller", "admin_server", "search_proxy", "search"} <= {
        each["service"] for each in findings
    }
    assert told.returncode == 0
