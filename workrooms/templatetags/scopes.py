"""What tokens and consents allow, in words."""

from django import template

from accounts import bounds

register = template.Library()


@register.filter
def in_words(verbs: list[str]) -> str:
    """["messages.read", "runs.start"] → "read messages, start runs"."""
    return bounds.in_words(verbs)
