"""Marks of fields in a contract: read at any depth, refused at publication when they are no labels."""

import pytest
import yaml

from accounts.authority.labels import Label
from orchestration.teams.linting import lint
from orchestration.teams.marks import marks_of
from tests.orchestration.claims_team import SURROUNDINGS

PERSONAL = Label("public", frozenset({"personal"}))


def test_fields_are_marked_at_any_depth() -> None:
    schema = {
        "properties": {
            "name": {"type": "string", "personal": True},
            "claim": {"properties": {"sum": {"label": "confidential"}, "label": {"type": "string"}}},
            "rows": {"items": {"properties": {"iban": {"label": {"level": "restricted", "tags": ["need:pay"]}}}}},
            "city": {"type": "string", "personal": False},
        },
        "$defs": {"person": {"properties": {"age": {"personal": True, "label": "confidential"}}}},
    }
    assert marks_of(schema) == {
        "name": PERSONAL,
        "sum": Label("confidential"),
        "iban": Label("restricted", frozenset({"need:pay"})),
        "age": Label("confidential", frozenset({"personal"})),
    }


def test_a_name_that_is_marked_twice_has_both_labels() -> None:
    twice = {"properties": {"a": {"properties": {"x": {"label": "confidential"}}}, "x": {"personal": True}}}
    assert marks_of(twice) == {"x": Label("confidential", frozenset({"personal"}))}


@pytest.mark.parametrize("mark", ["secret", {"lvl": "public"}, 7, ["confidential"]])
def test_a_mark_that_is_no_label_is_told_by_the_linter(mark: object) -> None:
    team = {
        "schema": 1,
        "name": "T",
        "pattern": "sequential",
        "members": [{"agent": "a"}],
        "agents": {"a": {"role": "r", "brain": {"procedure": "librarian"},
                         "output": {"type": "object", "properties": {"x": {"type": "string", "label": mark}}}}},
    }  # fmt: skip
    told = [finding.message for finding in lint(yaml.safe_dump(team), **SURROUNDINGS)]
    assert any("no label. x: " in message for message in told), told
