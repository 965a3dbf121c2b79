"""`hd schema`."""

import click

from hippodrome.cli.output import print_json


@click.command("schema")
def command() -> int:
    """The JSON Schema of hippodrome.yaml, for editors. Reads only.

    A file names it in its first line: `# yaml-language-server: $schema=PATH`.
    """
    from hippodrome.config.json_schema import json_schema

    print_json(json_schema())
    return 0
