"""The loopback server with OpenAI's files and batches beside its chat: batches end when they are looked at."""

import email
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.server import Server, error

Made = dict[str, Any]


def _parts(message: bytes) -> Any:
    """The parts of a form, as the standard library reads them."""
    return email.message_from_bytes(message).get_payload()


@dataclass
class BatchServer(Server):
    """Answers /v1/files and /v1/batches as well; what it was sent is in `inputs`, one list of lines a batch.

    A batch moves on by one state with each look. `held`: it stays in progress. `ends` says how a batch ends, by its
    place (0, 1, ...): completed, expired, cancelled or failed; one that expires or is cancelled has `served` lines
    asked. `status` is that of a line's response, by its prompt and how often the prompt was asked before; "" leaves the
    line out. `queue`: most lines that may be under way; a batch beyond them fails.
    """

    held: bool = False
    served: int = 1
    queue: int | None = None
    ends: Callable[[int], str] = lambda place: "completed"
    status: Callable[[str, int], int | str] = lambda prompt, before: 200
    batches: dict[str, Made] = field(default_factory=dict)
    inputs: list[list[Made]] = field(default_factory=list)
    files: dict[str, tuple[Made, bytes]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    looks: int = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.post("/v1/files", self._upload),
            web.get("/v1/files/{id}", self._file),
            web.get("/v1/files/{id}/content", self._content),
            web.post("/v1/batches", self._create),
            web.get("/v1/batches", self._page),
            web.get("/v1/batches/{id}", self._look),
        ]

    def batched(self, place: int | None = None) -> list[str]:
        """The prompts of all batches, or of one."""
        inputs = self.inputs if place is None else [self.inputs[place]]
        return [line["body"]["messages"][-1]["content"] for lines in inputs for line in lines]

    async def _upload(self, request: web.Request) -> web.Response:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        form = {
            part.get_param("name", header="content-disposition"): part for part in _parts(head + await request.read())
        }
        name, content = form["file"].get_filename() or "", form["file"].get_payload(decode=True)
        if form["purpose"].get_payload() != "batch" or not name.endswith(".jsonl"):
            return error(400, "invalid_file")
        return web.json_response(self._store(content, "batch", name))

    def _store(self, content: bytes, purpose: str, name: str) -> Made:
        made = {"id": f"file-{len(self.files)}", "object": "file", "bytes": len(content), "created_at": self._clock()}
        made |= {"filename": name, "purpose": purpose, "status": "processed"}
        self.files[str(made["id"])] = (made, content)
        return made

    def _clock(self) -> int:
        """Seconds that go on with all that is made."""
        return 1_700_000_000 + len(self.files) + len(self.batches)

    async def _file(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["id"])
        return web.json_response(found[0]) if found else error(404)

    async def _content(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["id"])
        return web.Response(body=found[1], content_type="application/octet-stream") if found else error(404)

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (body["endpoint"], body["completion_window"]) != ("/v1/chat/completions", "24h"):
            return error(400)
        if isinstance(fault := self.fault(request.path, body), web.Response):
            return fault
        lines = [json.loads(line) for line in self.files[body["input_file_id"]][1].splitlines()]
        made = {"id": f"batch_{len(self.batches)}", "object": "batch", "created_at": self._clock(), **body}
        made |= {"status": "validating", "errors": None, "output_file_id": None, "error_file_id": None}
        made |= {"request_counts": {"total": 0, "completed": 0, "failed": 0}}
        self.batches[str(made["id"])] = made
        self.inputs.append(lines)
        return web.json_response(made)

    async def _page(self, request: web.Request) -> web.Response:
        newest = [*self.batches.values()][::-1]
        return web.json_response({"object": "list", "data": newest, "has_more": False})

    async def _look(self, request: web.Request) -> web.Response:
        made = self.batches.get(request.match_info["id"])
        if made is None:
            return error(404)
        self.looks += 1
        if isinstance(fault := self.fault(request.path, {}), web.Response):
            return fault
        lines = self.inputs[[*self.batches].index(str(made["id"]))]
        if made["status"] == "validating":
            self._validate(made, lines)
        elif made["status"] == "in_progress" and not self.held:
            made["status"] = "finalizing"
        elif made["status"] == "finalizing":
            self._end(made, lines)
        return web.json_response(made)

    def _validate(self, made: Made, lines: list[Made]) -> None:
        place = [*self.batches].index(made["id"])
        under_way = sum(
            len(self.inputs[other])
            for other, batch in enumerate(self.batches.values())
            if batch["status"] in {"in_progress", "finalizing"}
        )
        code = None
        if self.queue is not None and under_way + len(lines) > self.queue:
            code = "token_limit_exceeded"
        elif len({line["custom_id"] for line in lines}) < len(lines):
            code = "duplicate_custom_id"
        elif any(line["method"] != "POST" or line["url"] != made["endpoint"] for line in lines):
            code = "invalid_url"
        elif self.ends(place) == "failed":
            code = "no_luck"
        made["status"] = "failed" if code else "in_progress"
        made["request_counts"]["total"] = 0 if code else len(lines)
        if code:
            data = [{"code": code, "message": f"this is {code}", "line": None, "param": None}]
            made["errors"] = {"object": "list", "data": data}

    def _end(self, made: Made, lines: list[Made]) -> None:
        """Write the files; as with OpenAI, lines come in another order, and failed ones in a file of their own."""
        made["status"] = self.ends([*self.batches].index(made["id"]))
        completed = made["status"] == "completed"
        good, bad = [], []
        for place, line in enumerate(lines):
            out = {"id": f"batch_req_{place}", "custom_id": line["custom_id"], "response": None, "error": None}
            if not completed and place >= self.served:
                code = f"batch_{made['status']}"
                bad.append(out | {"error": {"code": code, "message": "This request could not be executed."}})
                continue
            prompt = line["body"]["messages"][-1]["content"]
            status = self.status(prompt, self.asked[prompt])
            self.asked[prompt] += 1
            if status == 200:
                out["response"] = {"status_code": 200, "request_id": "r", "body": self._chat(line["body"])}
                good.append(out)
            elif isinstance(status, int):
                body = {"error": {"message": f"status {status}", "type": "error", "param": None, "code": None}}
                out["response"] = {"status_code": status, "request_id": "r", "body": body}
                bad.append(out)
        for name, made_lines in (("output", good), ("error", bad)):
            if made_lines:
                content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in reversed(made_lines))
                made[f"{name}_file_id"] = self._store(content.encode(), "batch_output", f"{name}.jsonl")["id"]
        made["request_counts"] |= {"completed": len(good), "failed": len(bad)}
