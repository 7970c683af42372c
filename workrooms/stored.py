"""Entries that are stored as HTML and written anew with every turn: compiled templates, rendered in microseconds.

Pages are Django's templates. What stands in `templates/stored` is Jinja's, because Django's took a quarter of a turn.
"""

from functools import cache
from typing import Any

from django.template import engines
from django.template.defaultfilters import capfirst, truncatechars
from jinja2 import Environment, Template

from workrooms.templatetags import face


def stored_html(template: str, context: dict[str, Any]) -> str:
    """Render a template of `templates/stored`; everything that is not marked safe is escaped."""
    return _compiled(template).render(context).strip()


@cache
def _compiled(template: str) -> Template:
    engine: Any = engines["jinja2"]
    made: Template = engine.env.get_template(template)
    return made


def environment(**options: Any) -> Environment:
    """Return Jinja's environment with what those templates use of the face (`TEMPLATES` in the settings)."""
    made = Environment(**{name: value for name, value in options.items() if name != "autoescape"}, autoescape=True)
    made.globals.update(avatar=face.avatar, icon=face.icon, stamp=face.stamp, state_label=face.state_label)
    made.filters.update(
        capfirst=capfirst, truncatechars=_shortened, duration=face.duration, money=face.money,
        microcents=face.microcents,
    )  # fmt: skip
    return made


def _shortened(text: str, most: int) -> str:
    """Django's own looks at every character."""
    return text if len(text) <= most else truncatechars(text, most)
