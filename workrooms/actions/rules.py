"""Rule sets of a room or of the organization: switched on, written, switched off. What is in force counts at once."""

import uuid_utils.compat as uuids

from accounts.authority.rulebook import RuleBook, rule_book
from accounts.authority.ruletexts import SHIPPED, RuleProblem, read_rules, shipped_text
from accounts.errors import Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Policy, User
from accounts.tenancy import current_unit
from workrooms.models import Participant, Workroom

_books: dict[object, tuple[object, RuleBook]] = {}
MOST_KEPT = 500


def set_rules(slug: str, *, actor: User, room: Workroom | None = None, text: str = "") -> Policy:
    """Put a rule set in force: one that ships with the product (no text), or one's own. Raises Invalid."""
    if not text and slug not in SHIPPED:
        raise Invalid(f"No rule set called {slug} ships with Workroom.", [("slug", f"one of {', '.join(SHIPPED)}")])
    if text and slug in SHIPPED:
        raise Invalid(f"{slug} is the name of a rule set that ships with Workroom.", [("slug", "choose another")])
    try:
        read_rules(slug, text or shipped_text(slug))
    except RuleProblem as problem:
        raise Invalid("These rules cannot be used.", [("text", str(problem))]) from problem
    policy: Policy = Policy.objects.update_or_create(
        organization_id=current_unit().organization_id,
        room=room.id if room else None,
        slug=slug,
        defaults={"text": text},
    )[0]
    _changed(room)
    payload = {"slug": slug, "text": text or None}
    record("policy.set", actor=actor, ledger=room.id if room else None, object=f"policy:{policy.id}", payload=payload)
    return policy


def remove_rules(slug: str, *, actor: User, room: Workroom | None = None) -> None:
    """Take a rule set out of force. Raises NotFound."""
    policy = Policy.objects.filter(room=room.id if room else None, slug=slug).first()
    if policy is None:
        raise NotFound(f"No rule set called {slug} is in force there.")
    record("policy.removed", actor=actor, ledger=room.id if room else None, object=f"policy:{policy.id}",
           payload={"slug": slug})  # fmt: skip
    policy.delete()
    _changed(room)


def rules_in_force(room: Workroom) -> dict[str, str]:
    """Return {slug: Cedar text} of the organization's rules and the room's; a room's set stands beside a like one."""
    rows = Policy.objects.filter(room__in=[room.id]) | Policy.objects.filter(room=None)
    return {
        (policy.slug if policy.room or policy.slug in SHIPPED else f"organization-{policy.slug}"): policy.text
        or shipped_text(policy.slug)
        for policy in rows.order_by("created_at")
    }


def book_of(room: Workroom) -> RuleBook:
    """Return the room's parsed rules: kept while the room's epoch stands, read again after any change."""
    kept = _books.get(room.id)
    if kept is None or kept[0] != room.epoch:
        relations = Participant.objects.filter(workroom=room).values_list("user_id", "relation")
        made = rule_book(rules_in_force(room), {str(user): relation for user, relation in relations})
        if len(_books) >= MOST_KEPT:
            _books.clear()
        kept = _books[room.id] = (room.epoch, made)
    return kept[1]


def _changed(room: Workroom | None) -> None:
    for one in [room] if room else Workroom.objects.select_for_update(no_key=True).order_by("id"):
        one.epoch = uuids.uuid7()
        one.save(update_fields=["epoch"])
