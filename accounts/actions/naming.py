"""What organizations and rooms may be called."""

from django.utils.text import slugify

from accounts.errors import Invalid

LONGEST_NAME, LONGEST_SLUG = 120, 60


def checked_name(name: str, bearer: str) -> str:
    """Return the name of `bearer` ("A workroom") without surrounding blank. Raises Invalid."""
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        message = f"expected 1 to {LONGEST_NAME} printable characters"
        raise Invalid(f"{bearer} needs a name.", [("name", message)])
    return clean


def checked_slug(slug: str, name: str) -> str:
    """Return the address `slug`, made from `name` when empty. Raises Invalid."""
    wanted = slug or slugify(name)[:LONGEST_SLUG].strip("-")
    if not wanted or slugify(wanted) != wanted or len(wanted) > LONGEST_SLUG:
        message = f"expected up to {LONGEST_SLUG} lower-case letters, digits and hyphens"
        raise Invalid(f"The address {wanted!r} cannot be used.", [("slug", message)])
    return wanted
