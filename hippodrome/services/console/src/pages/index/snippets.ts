// How programs reach an index of this stack.
import { apiKey } from "../../state/apiKey";
import { links } from "../../state/links";

export function fromPython(name: string): string {
  return `import marqo  # pip install marqo

client = marqo.Client("${links.cell}")
index = client.index("${name}")
found = index.search("your question")
for hit in found["hits"]:
    print(hit["_score"], hit["_id"])`;
}

export function fromShell(name: string): string {
  return `curl -X POST \\
  ${links.cell}/indexes/${name}/search \\
  -H 'content-type: application/json' \\
  -H 'x-api-key: ${apiKey.get()}' \\
  -d '{"q": "your question", "limit": 5}'`;
}
