"""The `hd` command: a lazy table of commands, and the boundary at which every error becomes words."""

import os
import sys

import click

from hippodrome.cli.lazy import Entry, LazyGroup
from hippodrome.errors import ExitCode, UserError

COMMANDS: dict[str, Entry] = {
    "up": Entry("Changes what runs", "Start the stack, or bring a running one up to date."),
    "start": Entry("Changes what runs", "Start services of the running stack."),
    "stop": Entry("Changes what runs", "Stop services; the rest goes on."),
    "restart": Entry("Changes what runs", "Restart services."),
    "run": Entry("Changes what runs", "Run a service by hand in this terminal, and give it back."),
    "down": Entry("Changes what runs", "Stop the whole stack; data stays."),
    "rollback": Entry("Changes what runs", "Go back to an earlier plan that was healthy."),
    "watch": Entry("Changes what runs", "Apply the configuration whenever it changes."),
    "setup": Entry("Changes what runs", "Make what services need before their first start."),
    "ctl": Entry("Changes what runs", "Run supervisorctl on this stack."),
    "seed": Entry("Changes data", "Fill a shop with a made-up catalogue."),
    "data": Entry("Changes data", "Keep the data of the whole stack by name, and put it back."),
    "e2e": Entry("Changes data", "Run the end-to-end suites against the stack."),
    "cell": Entry("Changes data", "Record what a data plane answers, and hold another against it."),
    "reset": Entry("Changes data", "Empty the data of services."),
    "gc": Entry("Changes the machine", "Remove what worktrees that are gone have left behind."),
    "service": Entry("Changes the machine", "Start a stack at boot: install, uninstall, status."),
    "ps": Entry("Reads the running stack", "State of every service, and why."),
    "why": Entry("Reads the running stack", "All about one service: why it is so, what to try next."),
    "top": Entry("Reads the running stack", "State, use and logs of all services, live, with keys to steer."),
    "timings": Entry("Reads the running stack", "Where the time of a start went, and what became slower."),
    "mcp": Entry("Reads the running stack", "Serve the stack to a coding agent (Model Context Protocol)."),
    "logs": Entry("Reads the running stack", "What services wrote, merged in time order."),
    "wait": Entry("Reads the running stack", "Wait until services are healthy, for scripts."),
    "drift": Entry("Reads the running stack", "Whether what runs is what the configuration says."),
    "history": Entry("Reads the running stack", "The last plans that ran, and how each went."),
    "probe": Entry("Reads the running stack", "Try every service, and properties of search."),
    "events": Entry("Reads the running stack", "Events that came: list, tail, send, replay, explain."),
    "open": Entry("Reads the running stack", "Open a service in the browser."),
    "exec": Entry("Reads the running stack", "Run a command in a service's environment."),
    "plan": Entry("Reads the configuration", "What would start, in which order, and why."),
    "explain": Entry("Reads the configuration", "Where a value comes from, layer by layer."),
    "env": Entry("Reads the configuration", "Exactly what environment a service gets."),
    "validate": Entry("Reads the configuration", "All mistakes in the configuration, at once."),
    "schema": Entry("Reads the configuration", "The JSON Schema of the configuration."),
    "compile": Entry("Reads the configuration", "Write supervisord.conf and plan.json to a folder."),
    "instances": Entry("Reads the machine", "Every stack of this machine, and whose it is."),
    "doctor": Entry("Reads the machine", "Look for what keeps a stack from running."),
    "report": Entry("Reads the machine", "Pack what is known into one file, secrets masked."),
    "completion": Entry("Reads the machine", "Print the completion script of a shell."),
}


def _print_version(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from hippodrome.version import version  # reads metadata: 15 ms that only this option should cost

        click.echo(f"hd {version()}")
        ctx.exit()


@click.command(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version)
def hd() -> None:
    """Run a whole service stack on this machine.

    `hd up` starts it, `hd ps` shows it, `hd logs -f` follows it, `hd down` stops it.
    """


def main(arguments: list[str] | None = None) -> int:
    """The exit status; every error has been printed by then."""
    try:
        return hd.main(arguments, prog_name="hd", standalone_mode=False) or ExitCode.OK
    except click.ClickException as error:  # wrong flags: click words these well
        error.show()
        return error.exit_code
    except UserError as error:
        return _say(error)
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # `hd logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:
        from hippodrome.cli.bug import cannot_write, report  # only a fault should cost its imports

        return _say(told) if (told := cannot_write(error)) else report()


def _say(error: UserError) -> int:
    from hippodrome.cli.output import print_problems  # not on the path of a command that succeeds

    print_problems(error.problems)
    return error.exit_code


def entry() -> None:
    """The console script."""
    sys.exit(main())
