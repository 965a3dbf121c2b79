"""A target that answers every event at once. Usage: taking.py PORT FILE; FILE gets a line `ID KEY N` of each."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TextIO

ANSWER = b'{"status":"success"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)


async def serve(port: int, taken: TextIO) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                body = await reader.readexactly(length)
                if length:
                    told = json.loads(body)
                    taken.write(f"{told['id']} {told['detail']['keys']['pk']['S']} {told['detail'].get('n', 0)}\n")
                    taken.flush()
                writer.write(HEAD + ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a") as file:
        asyncio.run(serve(int(sys.argv[1]), file))
