"""What a password may not be, beyond Django's own rules: words that anybody would try first at this door."""

from django.core.exceptions import ValidationError

from accounts.models import User

# Documented in docs/security.md; a password made of these and of digits and signs is refused.
OBVIOUS = (
    "workroom",
    "password",
    "passwort",
    "agent",
    "ledger",
    "welcome",
    "admin",
    "owner",
    "letmein",
    "qwerty",
)


class NoObviousWords:
    """Refuses a password that is the product's, the role's or the person's own words with digits and signs around."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError."""
        address = (user.email or "").lower() if user else ""
        own = f"{user.name.lower()} {address.replace('@', ' ').replace('.', ' ')}".split() if user else []
        left = password.lower()
        for word in sorted({*OBVIOUS, *own}, key=len, reverse=True):
            left = left.replace(word, "") if len(word) >= 3 else left
        if not any(character.isalpha() for character in left):
            raise ValidationError("This password is made of words that anybody would try here first.", code="obvious")

    def get_help_text(self) -> str:
        """What the rule is, for a form."""
        return "Not only your own name or address, the name of this product, or one of the usual words."
