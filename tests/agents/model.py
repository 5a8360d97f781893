"""A language model on loopback that does as it is told: it asks for one command to be run, and then gives its answer.

    with Model("touch a.txt && git add a.txt && git commit -qm a", "All done.") as model:
        ...                                         # an agent whose endpoint is model.url
        assert model.requests[0]["model"] == "opus"

It speaks what the agents speak: Anthropic messages, OpenAI responses and chat completions, each as a stream of events. A fault is an
HTTP status that every request is answered with; 0: no request is answered at all.
"""
from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Json = dict[str, Any]
FIRST = "I will do that."
SHELLS = {"Bash": "command", "bash": "command", "exec_command": "cmd", "shell_command": "command"}  # tool -> what its command is called
ERRORS = {401: ("authentication_error", "Invalid API key"), 429: ("rate_limit_error", "Rate limit reached, please try again later")}


class Model:
    def __init__(self, command: str = "true", answer: str = "All done.", fault: int | None = None) -> None:
        self.command, self.answer, self.fault = command, answer, fault
        self.requests: list[Json] = []
        self.over = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def turn(self, request: Json, talk: str, tools: list[str]) -> tuple[str, tuple[str, str] | None]:
        """What it says to a request, and the tool that it calls with which arguments. Whoever offers no shell wants a title or the like."""
        shell = next((name for name in tools if name in SHELLS), None)
        if shell is None:
            return "A title", None
        self.requests.append(request)
        if any(f'"{kind}"' in talk for kind in ("tool_result", "function_call_output", "tool")):
            return self.answer, None
        return FIRST, (shell, json.dumps({SHELLS[shell]: self.command, "description": "as told"}))


class _Handler(BaseHTTPRequestHandler):
    model: Model

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(200, b"")

    def do_GET(self) -> None:
        self._answer(200, b'{"data": [], "models": []}')

    def do_POST(self) -> None:
        request: Json = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.model.fault == 0:
            self.model.over.wait()
        elif self.model.fault:
            kind, message = ERRORS[self.model.fault]
            error = {"type": "error", "error": {"type": kind, "code": kind, "message": message}}
            self._answer(self.model.fault, json.dumps(error).encode())
        else:
            path = self.path.partition("?")[0]
            protocol = next(protocol for ending, protocol in PROTOCOLS.items() if path.endswith(ending))
            self._answer(200, "".join(_stream(protocol, self.model, request)).encode(), "text/event-stream")

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")


def _stream(protocol: Any, model: Model, request: Json) -> Iterator[str]:
    for event in protocol(model, request):
        if kind := event.get("type"):
            yield f"event: {kind}\n"
        yield f"data: {json.dumps(event)}\n\n"
    if protocol is _chat:
        yield "data: [DONE]\n\n"


def _messages(model: Model, request: Json) -> Iterator[Json]:
    tools = [tool.get("name", "") for tool in request.get("tools", [])]
    words, call = model.turn(request, json.dumps([part.get("type") for each in request["messages"] for part in _parts(each)]), tools)
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": []}
    yield {"type": "message_start", "message": {**message, "usage": {"input_tokens": 100, "output_tokens": 1}}}
    yield from _block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": words})
    if call:
        tool = {"type": "tool_use", "id": "toolu_1", "name": call[0], "input": {}}
        yield from _block(1, tool, {"type": "input_json_delta", "partial_json": call[1]})
    stop = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 20}}
    yield {"type": "message_stop"}


def _parts(message: Json) -> list[Json]:
    content = message["content"]
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _block(index: int, block: Json, delta: Json) -> Iterator[Json]:
    yield {"type": "content_block_start", "index": index, "content_block": block}
    yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _responses(model: Model, request: Json) -> Iterator[Json]:
    tools = [tool.get("name", "") for tool in request.get("tools", [])]
    words, call = model.turn(request, json.dumps([each.get("type") for each in request["input"]]), tools)
    text = {"type": "output_text", "text": words, "annotations": []}
    items: list[Json] = [{"type": "message", "id": "m_1", "role": "assistant", "status": "completed", "content": [text]}]
    if call:
        items.append({"type": "function_call", "id": "f_1", "call_id": "c_1", "name": call[0], "arguments": call[1], "status": "completed"})
    response = {"id": "r_1", "object": "response", "status": "in_progress", "model": request["model"], "output": []}
    yield {"type": "response.created", "response": response}
    for index, item in enumerate(items):
        yield {"type": "response.output_item.added", "output_index": index, "item": item}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    usage = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    yield {"type": "response.completed", "response": {**response, "status": "completed", "output": items, "usage": {**usage, **details}}}


def _chat(model: Model, request: Json) -> Iterator[Json]:
    tools = [tool["function"]["name"] for tool in request.get("tools", [])]
    words, call = model.turn(request, json.dumps([each["role"] for each in request["messages"]]), tools)
    chunk = {"id": "c_1", "object": "chat.completion.chunk", "created": 1, "model": request["model"]}

    def part(delta: Json, finish: str | None = None) -> Json:
        return {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield part({"role": "assistant", "content": words})
    if call:
        function = {"index": 0, "id": "call_1", "type": "function", "function": {"name": call[0], "arguments": call[1]}}
        yield part({"tool_calls": [function]})
    yield part({}, "tool_calls" if call else "stop")
    yield {**chunk, "choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}


PROTOCOLS = {"/messages": _messages, "/responses": _responses, "/chat/completions": _chat}
