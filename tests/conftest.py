"""Plug-ins of the whole suite."""

from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.golden"]

settings.register_profile("hippodrome", deadline=None)  # a shared machine stalls now and then
settings.load_profile("hippodrome")
