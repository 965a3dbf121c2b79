"""`hd completion`."""

import click
from click.shell_completion import get_completion_class

from hippodrome.cli.output import echo


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell. Reads only.

    \b
    bash:  eval "$(hd completion bash)"     in ~/.bashrc
    zsh:   eval "$(hd completion zsh)"      in ~/.zshrc
    fish:  hd completion fish | source      in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    echo(kind(ctx.find_root().command, {}, "hd", "_HD_COMPLETE").source())
    return 0
