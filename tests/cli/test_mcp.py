"""`hd mcp` before a real stack, asked by the SDK's own client."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.cli.conftest import HD, Project

READING = {"list_services", "status", "why", "logs", "events", "plan"}
CHANGING = {"restart", "start", "stop"}


@pytest.fixture
def stack(project: Project) -> Project:
    project.server("api")
    project.add("talker", command=["sh", "-c", "echo INFO apples; echo ERROR pears; sleep 600"])
    assert project.hd("up", "-d").returncode == 0
    return project


def asked(project: Project, ask: Callable[[Client], Awaitable[None]], *flags: str) -> None:
    """Starts `hd mcp` with these flags, and asks it."""

    async def run() -> None:
        command = [*HD, "mcp", *flags]
        server = StdioServerParameters(
            command=command[0], args=command[1:], env=project.environ, cwd=str(project.folder)
        )
        async with Client(server) as client:
            await ask(client)

    # in a thread: the browser of other tests in this process has a loop in this one
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


async def told(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return "".join(getattr(part, "text", "") for part in result.content)


def test_an_agent_reads_the_stack_and_is_offered_no_change(stack: Project) -> None:
    async def ask(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == READING
        assert all(tool.annotations and tool.annotations.read_only_hint and tool.description for tool in tools)
        assert [each["name"] for each in (await told(client, "list_services"))["services"]] == ["api", "talker"]
        status = await told(client, "status")
        assert {each["name"]: each["state"] for each in status["services"]} == {"api": "healthy", "talker": "running"}
        assert (await told(client, "why", service="api"))["ports"][0]["is_own"]
        lines = (await told(client, "logs", services=["talker"], level="error"))["lines"]
        assert [line["text"] for line in lines] == ["ERROR pears"]
        assert (await told(client, "logs", grep="^INFO appl", count=5))["lines"][0]["service"] == "talker"
        assert (await told(client, "events"))["events"] == []
        plan = await told(client, "plan")
        assert [row["name"] for row in plan["order"]] == ["api", "talker"]
        assert plan["change"]["keep"] == ["api", "talker"]
        assert "Unknown tool" in await refusal(client, "restart", service="api")

    asked(stack, ask)


def test_changes_are_made_where_they_are_allowed(stack: Project) -> None:
    async def ask(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == READING | CHANGING
        again = await told(client, "restart", service="api", reason="new code")
        assert (again["state"], again["restarts"], again["restart_reason"]) == ("healthy", 1, "new code")
        assert (await told(client, "stop", service="api"))["state"] == "stopped"
        assert (await told(client, "start", service="api"))["state"] == "healthy"

    asked(stack, ask, "--allow-changes")


def test_mistakes_and_a_stack_that_is_gone_are_told_as_a_person_is_told(stack: Project) -> None:
    async def ask(client: Client) -> None:
        assert "Did you mean `api`?" in await refusal(client, "why", service="apo")
        assert "regular expression" in await refusal(client, "logs", grep="(")
        assert "debug, info" in await refusal(client, "logs", level="loud")
        assert "ignored, queued" in await refusal(client, "events", state="lost")
        assert stack.hd("down").returncode == 0
        assert "[not-running]" in await refusal(client, "status")
        assert (await told(client, "plan"))["change"] is None
        assert stack.hd("up", "-d").returncode == 0
        assert (await told(client, "status"))["is_ready"]

    asked(stack, ask)


def test_nothing_but_the_protocol_stands_on_standard_output_and_it_ends_with_its_input(project: Project) -> None:
    project.server("api")
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    sent = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "status", "arguments": {}}},
    ]
    child = subprocess.Popen(
        [*HD, "mcp"],
        cwd=project.folder,
        env=project.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    child.stdin.write("".join(f"{json.dumps(each)}\n" for each in sent))
    child.stdin.flush()
    answers = [json.loads(child.stdout.readline()) for _ in range(2)]
    rest, _said = child.communicate(timeout=60)
    assert [(each["jsonrpc"], each["id"]) for each in answers] == [("2.0", 1), ("2.0", 2)]
    assert answers[0]["result"]["serverInfo"]["name"] == "hippodrome"
    assert answers[1]["result"]["isError"]
    assert (rest, child.returncode) == ("", 0)


@pytest.mark.parametrize("command", ["ps", "why", "timings", "top", "mcp", "up"])
def test_the_libraries_of_top_and_mcp_are_loaded_by_these_alone(command: str) -> None:
    code = (
        f"import sys, importlib; importlib.import_module('hippodrome.cli.{command}'); "
        "print([name for name in ('textual', 'rich', 'mcp', 'anyio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True)
    assert done.stdout == "[]\n", done.stderr
