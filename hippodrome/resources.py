"""The data that ships with the code, in a checkout and in an installed wheel alike."""

from importlib.resources import files
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parent.parent  # what must be on sys.path to import hippodrome


def _folder(name: str) -> Path:
    """In a checkout `conf/` and `templates/` lie beside the package; in a wheel they are packages inside it."""
    beside = PACKAGE_ROOT / name
    if (beside / "__init__.py").is_file() and (PACKAGE_ROOT / "setup.cfg").is_file():
        return beside
    return Path(str(files(f"hippodrome.{name}")))


def conf() -> Path:
    """The packaged configuration: `services/`, `profiles/`, `cells/`."""
    return _folder("conf")


def templates() -> Path:
    """The Jinja2 templates, a folder for each target."""
    return _folder("templates")


def services() -> Path:
    """The reference services, a folder each."""
    return PACKAGE_ROOT / "hippodrome" / "services"
