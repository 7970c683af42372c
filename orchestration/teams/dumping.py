"""Data of a team → YAML that people like to read: texts of several lines as blocks, short things in one line."""

import re
from typing import Any

import yaml

from orchestration.teams.loading import INTEGER, NUMBER

WIDTH = 120
SHORT = 88
UNUSUAL_BREAK = re.compile("[\r\x85\u2028\u2029]")


class _Writer(yaml.SafeDumper):
    """Writes what `loading` reads back; quotes also what other YAML readers would take for a date or a boolean."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _text(writer: _Writer, text: str) -> yaml.ScalarNode:
    style = '"' if UNUSUAL_BREAK.search(text) else "|" if "\n" in text else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(writer: _Writer, items: list[Any]) -> yaml.SequenceNode:
    return writer.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=_fits(items))


def _mapping(writer: _Writer, entries: dict[str, Any]) -> yaml.MappingNode:
    return writer.represent_mapping("tag:yaml.org,2002:map", entries, flow_style=len(entries) != 1 and _fits(entries))


def _fits(value: Any) -> bool:
    """Whether a list or mapping is short enough for one line."""
    text = str(value)
    return len(text) <= SHORT and "\\n" not in text


def _whole(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern.pattern})\Z")


_Writer.add_representer(str, _text)
_Writer.add_representer(list, _list)
_Writer.add_representer(dict, _mapping)
_Writer.add_implicit_resolver("tag:yaml.org,2002:int", _whole(INTEGER), list("-0123456789"))
_Writer.add_implicit_resolver("tag:yaml.org,2002:float", _whole(NUMBER), list("-0123456789"))


def dump(data: dict[str, Any]) -> str:
    """The YAML text of a team; `load(dump(data)).data == data`."""
    blocks = ({key: value} for key, value in data.items())
    return "".join(
        yaml.dump(block, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False)
        for block in blocks
    )
