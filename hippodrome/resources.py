"""The data that ships with the code, in a checkout and in an installed wheel alike."""

from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parent.parent  # what must be on sys.path to import hippodrome


def is_checkout() -> bool:
    """Whether this is a checkout, where `conf/`, `docs/` and `templates/` lie beside the package, not inside it."""
    return not (PACKAGE_ROOT / "hippodrome" / "conf").is_dir()


def _folder(name: str) -> Path:
    return PACKAGE_ROOT / name if is_checkout() else PACKAGE_ROOT / "hippodrome" / name


def conf() -> Path:
    """The packaged configuration: `services/`, `profiles/`, `cells/`."""
    return _folder("conf")


def templates() -> Path:
    """The Jinja2 templates, a folder for each target."""
    return _folder("templates")


def services() -> Path:
    """The reference services, a folder each."""
    return PACKAGE_ROOT / "hippodrome" / "services"


def docs() -> Path:
    """Pages that commands quote: `errors.md`."""
    return _folder("docs")
