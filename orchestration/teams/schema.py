"""JSON Schema of a team's YAML: its shape. What the names in it stand for is the linter's to check."""

from typing import Any

Schema = dict[str, Any]

PATTERNS = ["sequential", "concurrent", "group_chat", "handoff", "manager"]
PATTERN: Schema = {"enum": PATTERNS}
SLUG: Schema = {
    "type": "string",
    "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
    "maxLength": 60,
    "description": "a short name of lower-case letters, digits and hyphens",
}
NAME: Schema = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9_-]*$",
    "maxLength": 40,
    "description": "a name of lower-case letters, digits, _ and -",
}
LINE: Schema = {
    "type": "string",
    "pattern": "^[^\\r\\n]+$",
    "maxLength": 200,
    "description": "one line of text, at most 200 characters",
}
TEXT: Schema = {"type": "string", "maxLength": 20_000}
RULE: Schema = {"type": "string", "minLength": 1, "maxLength": 2_000, "description": "a rule in CEL"}
CONTRACT: Schema = {"type": "object", "description": "a JSON Schema"}


def _mapping(properties: dict[str, Schema], *required: str, **more: Any) -> Schema:
    return {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False, **more
    }  # fmt: skip


def _one_of_these(properties: dict[str, Schema]) -> Schema:
    kinds = " or ".join(f"{key}: …" for key in properties)
    return _mapping(properties, minProperties=1, maxProperties=1, description=f"exactly one of {kinds}")


def _list(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": 100}


def _up_to(most: int, least: int = 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


INNER_OR_SLUG: Schema = {
    "anyOf": [SLUG, {"$ref": "#/$defs/inner"}],
    "description": "the slug of a team, or a team with pattern and members",
}
MEMBER = _one_of_these({"agent": NAME, "team": INNER_OR_SLUG})

SHAPE: dict[str, Schema] = {
    "pattern": PATTERN,
    "members": {
        **_list({"$ref": "#/$defs/member"}, least=1),
        "description": "a list of agents and teams, at least one",
    },
    "join": NAME,
    "need": _up_to(100),
    "straggler_timeout": _up_to(86_400),
    "manager": NAME,
    "speaker": _one_of_these({"by": {"enum": ["round_robin", "manager"]}, "rule": RULE}),
    "until": RULE,
    "on_max_rounds": {"enum": ["ask", "best"]},
    "handoffs": {"type": "object", "additionalProperties": _list(NAME)},
    "plan_review": {"enum": ["people", "none"]},
}

BRAIN = _one_of_these(
    {
        "procedure": {"type": "string", "minLength": 1},
        "model": _mapping({"needs": _list({"enum": ["tools", "json", "vision"]}), "endpoint": SLUG}),
        "remote": SLUG,
    }
)

AGENT = _mapping(
    {
        "role": LINE,
        "brain": {"$ref": "#/$defs/brain", "description": "procedure: …, model: … or remote: …"},
        "instructions": TEXT,
        "tools": _list({"type": "string", "minLength": 1}),
        "clearance": {"enum": ["public", "internal", "confidential", "restricted"]},
        "input": CONTRACT,
        "output": CONTRACT,
        "checks": _list(_one_of_these({"rule": RULE, "verifier": NAME})),
        "on_failure": {
            "anyOf": [{"enum": ["retry", "skip", "ask", "stop"]}, _mapping({"substitute": NAME}, "substitute")]
        },
        "limits": _mapping({"tokens": _up_to(10**9), "cost_cents": _up_to(10**9, least=0)}),
    },
    "role",
    "brain",
)

AGENTS: Schema = {
    "type": "object",
    "propertyNames": NAME,
    "additionalProperties": {"$ref": "#/$defs/agent"},
    "minProperties": 1,
    "description": "the team's agents by name, at least one",
}

LIMITS = _mapping(
    {
        "turns": _up_to(10_000),
        "rounds": _up_to(1_000),
        "handoffs": _up_to(1_000),
        "depth": _up_to(10),
        "seconds": _up_to(30 * 86_400),
        "tokens": _up_to(10**9),
        "cost_cents": _up_to(10**9, least=0),
        "repeats": _up_to(100),
    }
)

EXCEPTION = _mapping(
    {
        "name": SLUG,
        "when": RULE,
        "ask": _mapping(
            {
                "relation": {"enum": ["approver", "owner"]},
                "quorum": _up_to(20),
                "not_requester": {"type": "boolean"},
                "within": {"type": "string", "description": "working days or hours, such as 2d or 4h"},
                "otherwise": {"enum": ["escalate", "reject"]},
                "because": LINE,
            }
        ),
    },
    "name",
    "when",
)

TEAM: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Workroom team",
    **_mapping(
        {
            "schema": {"const": 1},
            "name": LINE,
            **SHAPE,
            "agents": AGENTS,
            "when_people_speak": {"enum": ["queue", "steer", "interrupt"]},
            "on_limit": {"enum": ["ask", "stop"]},
            "limits": {"$ref": "#/$defs/limits"},
            "exceptions": _list({"$ref": "#/$defs/exception"}),
        },
        "schema",
        "name",
        "pattern",
        "members",
        "agents",
    ),
    "$defs": {
        "member": MEMBER,
        "inner": _mapping({"name": NAME, **SHAPE}, "pattern", "members"),
        "agent": AGENT,
        "brain": BRAIN,
        "limits": LIMITS,
        "exception": EXCEPTION,
    },
}
