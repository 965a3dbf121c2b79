"""What supervisor itself reads from rendered files."""

import re
from pathlib import Path

from supervisor.options import ProcessConfig, ServerOptions

from hippodrome.files import File, write_all

_PLUGIN = re.compile(r"\[rpcinterface:hippodrome\].*?(?=\n\[)", re.DOTALL)


def written(files: list[File], folder: Path) -> Path:
    """Writes them and the folders that supervisor asks for; without the plug-in, which is another's to test."""
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    plain = [File(file.path, _PLUGIN.sub("", file.text), file.mode) for file in files]
    write_all(plain, folder)
    return folder / "supervisord.conf"


def realized(conf: Path) -> ServerOptions:
    options = ServerOptions()
    options.realize(["-c", str(conf), "-n"])
    return options


def processes(conf: Path) -> dict[str, ProcessConfig]:
    """By program's name."""
    groups = realized(conf).process_group_configs
    return {process.name: process for group in groups for process in group.process_configs}
