"""The reference of the command line, docs/cli.md, from the commands themselves. Prints it when run."""

import click

from hippodrome.cli.main import COMMANDS, hd
from hippodrome.errors import ExitCode

HEAD = """\
# Commands

Generated from the commands by `python -m hippodrome.cli.reference`; a test keeps it in step.

Every command finds the project root upwards from where it is called: the nearest folder with a `hippodrome.yaml`,
else the nearest with `.git`; `--project-root` and `HIPPODROME_PROJECT_ROOT` say otherwise. `--name` and
`HIPPODROME_NAME` mean another stack of the same folder ([instances.md](instances.md)). Results go to standard output,
everything else to standard error. `NO_COLOR` is honoured.

## Exit codes

| code | means |
|---|---|
"""
MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "what was asked for is not so: a service failed, a check did not pass",
    ExitCode.USAGE: "a flag, command or name that does not exist",
    ExitCode.CONFIGURATION: "the configuration, or a file named, has mistakes; each was printed with its place",
    ExitCode.NOT_RUNNING: "no stack runs for this project, or nothing answers at an address",
    ExitCode.TIMED_OUT: "time was over before it was so",
    ExitCode.SETUP_FAILED: "a set-up step failed (packages, environment)",
    ExitCode.CONFLICT: "something else holds what is needed: a lock, a folder, another `hd`",
    ExitCode.BUG: "a fault in `hd`; it says where its report is",
    ExitCode.INTERRUPTED: "Ctrl+C, or a no to a question",
}


def text() -> str:
    """The whole document."""
    codes = "".join(f"| {code.value} | {MEANINGS[code]} |\n" for code in ExitCode)
    root = click.Context(hd, info_name="hd", help_option_names=["-h", "--help"])
    parts = []
    for effect in dict.fromkeys(entry.effect for entry in COMMANDS.values()):
        parts.append(f"\n## {effect}\n")
        parts += [_section(root, name) for name, entry in COMMANDS.items() if entry.effect == effect]
    return HEAD + codes + "".join(parts)


def _section(root: click.Context, name: str) -> str:
    command = hd.get_command(root, name)
    assert command is not None
    return f"\n### hd {name}\n" + _help(command, name, root)


def _help(command: click.Command, name: str, parent: click.Context) -> str:
    """Of the command, and of those below it."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=80, max_content_width=80)
    told = f"\n```text\n{command.get_help(context)}\n```\n"
    names = command.list_commands(context) if isinstance(command, click.Group) else []
    below = {each: command.get_command(context, each) for each in names if isinstance(command, click.Group)}
    return told + "".join(_help(each, each_name, context) for each_name, each in below.items() if each)


if __name__ == "__main__":
    print(text(), end="")
