"""What passes between an agent and a language model, as JSON that can be journalled and replayed.

A message is a dict in pydantic-ai's own JSON form (`ModelMessagesTypeAdapter`): {"kind": "request" | "response",
"parts": [{"part_kind": …}, …]}. This module reads and writes that form without loading a language-model library.

The result of an agent with an output schema is asked for as a call of the tool `final_answer`, whose parameters are
that schema, because nearly every OpenAI-compatible server knows tools, while `response_format: json_schema` is
missing or half there in many. Tool choice stays "auto" for the same reason, so a model may write its result as text:
a JSON object in the text counts as the answer too.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Message = dict[str, Any]
Schema = dict[str, Any]

FINAL_ANSWER = "final_answer"
_NOT_YET = "Not taken, because other tools were called at the same time. Call final_answer alone, after their results."
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool the model may call: its name in the workroom, and a JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Schema


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call the model made. `arguments` is None exactly when `error` says what is wrong with it."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One response of a model. With an output schema and no `calls`, exactly one of `answer`, `answer_error` is set.

    `answer` is a JSON object, not yet checked against the schema. `message` is the response for the journal;
    `read_response` makes the same Asked of it again. `tokens_estimated` says that the server reported none.
    """

    text: str
    calls: tuple[Call, ...]
    answer: dict[str, Any] | None
    answer_error: str | None
    tokens_in: int
    tokens_out: int
    tokens_estimated: bool
    message: Message


def wire_name(name: str) -> str:
    """The name of a tool as servers accept it: letters, digits, underscore and hyphen, at most 64."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]


def final_answer(output_schema: Schema | None) -> list[Offered]:
    """The tool that takes an agent's result, or nothing where the agent just answers in words."""
    if output_schema is None:
        return []
    told = "Give the result of your work. Call this alone, and only when you have all that it needs."
    return [Offered(FINAL_ANSWER, told, {"type": "object", **output_schema})]


def read_response(message: Message, offered: Sequence[Offered], output_schema: Schema | None) -> Asked:
    """What a response, fresh or journalled, means for an agent with these tools and this output schema."""
    parts = message["parts"]
    text = "".join(part["content"] for part in parts if part["part_kind"] == "text").strip()
    made = [part for part in parts if part["part_kind"] == "tool-call"]
    final = [part for part in made if output_schema is not None and part["tool_name"] == FINAL_ANSWER]
    calls = tuple(_call(part, offered) for part in made if part not in final)
    answer, answer_error = (None, None) if calls or output_schema is None else _answer(text, final)
    return Asked(
        text=text,
        calls=calls,
        answer=answer,
        answer_error=answer_error,
        tokens_in=message["usage"]["input_tokens"],
        tokens_out=message["usage"]["output_tokens"],
        tokens_estimated=bool((message.get("metadata") or {}).get("tokens_estimated")),
        message=message,
    )


def replies(asked: Asked, results: Sequence[str]) -> Message:
    """The message that gives a model the results of its calls, one text for each of `asked.calls` in their order."""
    if len(results) != len(asked.calls):
        raise ValueError(f"{len(asked.calls)} calls need as many results, not {len(results)}.")
    left = list(results)
    made = [part for part in asked.message["parts"] if part["part_kind"] == "tool-call"]
    ordered = [_NOT_YET if _is_final(part, asked) else left.pop(0) for part in made]
    return _request([_returned(part, content) for part, content in zip(made, ordered, strict=True)])


def correction(asked: Asked, mistake: str) -> Message:
    """The message that shows a model what was wrong with its answer, so that it can repair it."""
    text = f"That answer cannot be used: {mistake} Give it again, corrected and complete."
    made = [part for part in asked.message["parts"] if part["part_kind"] == "tool-call"]
    if not made:
        return _request([{"part_kind": "user-prompt", "content": text}])
    return _request([_returned(part, text) for part in made])


def clean(value: Any) -> Any:
    """The value without what PostgreSQL cannot store: NUL and lone surrogates become the replacement character."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {clean(key): clean(inner) for key, inner in value.items()}
    return [clean(inner) for inner in value] if isinstance(value, list) else value


def _request(parts: list[dict[str, Any]]) -> Message:
    return {"kind": "request", "parts": parts}


def _returned(call: dict[str, Any], content: str) -> dict[str, Any]:
    return {
        "part_kind": "tool-return",
        "tool_name": call["tool_name"],
        "tool_call_id": call["tool_call_id"],
        "content": content,
    }


def _is_final(part: dict[str, Any], asked: Asked) -> bool:
    return part["tool_name"] == FINAL_ANSWER and not any(call.name == FINAL_ANSWER for call in asked.calls)


def _call(part: dict[str, Any], offered: Sequence[Offered]) -> Call:
    said, identity = part["tool_name"], part["tool_call_id"]
    tool = next((tool for tool in offered if wire_name(tool.name) == wire_name(said)), None)
    if tool is None:
        names = ", ".join(wire_name(tool.name) for tool in offered) or "none"
        return Call(identity, said, None, f"There is no tool {said!r}; the tools offered are: {names}.")
    arguments, error = _object(part["args"])
    if arguments is not None:
        mistake = best_match(Draft202012Validator(tool.parameters).iter_errors(arguments))
        if mistake is not None:
            arguments, error = None, f"The arguments do not fit: {mistake.json_path}: {mistake.message[:300]}."
    return Call(identity, tool.name, arguments, error)


def _answer(text: str, final: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, str | None]:
    if final:
        return _object(final[0]["args"])
    fenced = _FENCED.search(text)
    braced = text[text.find("{") : text.rfind("}") + 1]
    answer, _ = _object(fenced[1] if fenced else braced or "no object")
    return answer, None if answer is not None else f"It has to be given by calling {FINAL_ANSWER}."


def _object(written: str | dict[str, Any] | None) -> tuple[dict[str, Any] | None, str | None]:
    """A JSON object and no error, or None and what is wrong."""
    if not written or isinstance(written, dict):
        return clean(written or {}), None
    try:
        value = json.loads(written, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return None, f"The arguments are not valid JSON ({str(error)[:200]})."
    if not isinstance(value, dict):
        return None, "The arguments have to be a JSON object."
    return clean(value), None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
