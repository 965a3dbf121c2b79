"""The tools as a server of the Model Context Protocol, on standard input and output."""

import functools
from collections.abc import Callable

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from hippodrome.agents.tools import Answer, Tools
from hippodrome.errors import UserError
from hippodrome.version import version

ABOUT = """\
A local stack of services, run by Hippodrome (`hd`). Begin with `status`; where something is not well, ask `why` and
`logs`. `plan` reads the configuration as it is on disk, the others the running stack."""


def serve(tools: Tools, *, allow_changes: bool) -> None:
    """Until standard input ends. Nothing but the protocol goes to standard output; logging goes to standard error."""
    made(tools, allow_changes=allow_changes).run("stdio")


def made(tools: Tools, *, allow_changes: bool) -> MCPServer:
    """What changes something is not there at all unless it is allowed."""
    server = MCPServer("hippodrome", version=version(), instructions=ABOUT, log_level="ERROR")
    reading = (tools.list_services, tools.status, tools.why, tools.logs, tools.events, tools.plan)
    for tool in reading:
        server.add_tool(_plainly(tool), annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
    for tool in (tools.restart, tools.start, tools.stop) if allow_changes else ():
        hints = ToolAnnotations(read_only_hint=False, destructive_hint=tool == tools.stop, open_world_hint=False)
        server.add_tool(_plainly(tool), annotations=hints)
    return server


def _plainly(tool: Callable[..., Answer]) -> Callable[..., Answer]:
    """What a person would be told, an agent is told: what is wrong and what to do."""

    @functools.wraps(tool)
    def call(*arguments: object, **named: object) -> Answer:
        try:
            return tool(*arguments, **named)
        except UserError as error:
            raise ToolError(str(error)) from error

    return call
