"""Which version of Hippodrome this is: the installed one's metadata, or the checkout's setup.cfg."""

from hippodrome.resources import PACKAGE_ROOT


def version() -> str:
    """Such as `0.1.0`."""
    checkout = PACKAGE_ROOT / "setup.cfg"
    if checkout.is_file():
        from configparser import ConfigParser  # for the few who ask

        parser = ConfigParser()
        parser.read(checkout, encoding="utf-8")
        return parser["metadata"]["version"]
    from importlib.metadata import version as installed  # 15 ms, in an installed wheel alone

    return installed("hippodrome")
