"""Events as a SIEM reads them: the Open Cybersecurity Schema Framework, version 1.6.0 (schema.ocsf.io).

Sign-ins are Authentication (3002), what people may do is User Access Management (3005), a broken or forked ledger is a
Detection Finding (2004), everything else is API Activity (6003). `type_uid` = class × 100 + activity.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

VERSION = "1.6.0"
AUTHENTICATION, ACCESS, FINDING, ACTIVITY = 3002, 3005, 2004, 6003
CREATE, READ, UPDATE, DELETE, OTHER = 1, 2, 3, 4, 99
SUCCESS, FAILURE = 1, 2
INFORMATIONAL, LOW, CRITICAL = 1, 2, 5
SIGN_INS = {"session.opened": 1, "session.closed": 2, "session.ended": 2, "session.denied": 1}
ACCESS_CHANGES = ("relation", "participant", "membership", "token", "role", "grant")
REVOKES = ("revoked", "removed", "ended", "expired", "deleted")
VERBS = {
    CREATE: ("created", "added", "posted", "started", "opened", "set", "published", "written", "sent"),
    READ: ("read", "searched", "queried", "opened", "downloaded", "exported", "looked"),
    UPDATE: ("edited", "changed", "revised", "renamed", "restored", "told", "finished", "approved", "rejected"),
    DELETE: ("deleted", "erased", "removed", "revoked", "lifted", "archived"),
}
READS_OF = ("document", "source", "ledger")
USER_TYPES = {"person": 1, "agent": 4, "system": 3}


def ocsf(event: Mapping[str, Any], *, room: str | None) -> dict[str, Any]:
    """Map an event, as `shown` writes it, of the room with this slug (None: the organization's own ledger)."""
    class_uid, activity = _class_of(event["kind"])
    failed = event["kind"].endswith((".denied", ".failed"))
    return {
        "category_uid": class_uid // 1000,
        "class_uid": class_uid,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "time": int(datetime.fromisoformat(event["at"]).timestamp() * 1000),
        "severity_id": CRITICAL if class_uid == FINDING else LOW if failed else INFORMATIONAL,
        "status_id": FAILURE if failed else SUCCESS,
        "metadata": {
            "version": VERSION,
            "uid": event["hash"],
            "sequence": event["seq"],
            "event_code": event["kind"],
            "original_time": event["at"],
            "log_name": room or "organization",
            "product": {"name": "Workroom", "vendor_name": "Workroom"},
        },
        "actor": {"user": _user(event["actor"])},
        **_about(event, class_uid),
        "unmapped": {name: event[name] for name in ("on_behalf_of", "run", "turn", "decision", "payload")},
    }


def _class_of(kind: str) -> tuple[int, int]:
    noun, _, verb = kind.partition(".")
    if kind in SIGN_INS:
        return AUTHENTICATION, SIGN_INS[kind]
    if noun in ACCESS_CHANGES:
        return ACCESS, 2 if verb in REVOKES else 1
    if kind in ("ledger.broken", "ledger.forked"):
        return FINDING, CREATE
    if verb in VERBS[READ] and (noun in READS_OF or verb != "opened"):
        return ACTIVITY, READ
    return ACTIVITY, next((activity for activity, verbs in VERBS.items() if verb in verbs), OTHER)


def _about(event: Mapping[str, Any], class_uid: int) -> dict[str, Any]:
    kind, _, uid = (event["object"] or "").partition(":")
    if class_uid == FINDING:
        return {"finding_info": {"uid": event["hash"], "title": str((event["payload"] or {}).get("reason", ""))}}
    if class_uid in (AUTHENTICATION, ACCESS):
        user = {"user": _user(event["object"] or event["actor"])}
        return user if class_uid == AUTHENTICATION else {**user, "privileges": _privileges(event["payload"])}
    resource = {"resources": [{"type": kind, "uid": uid}]} if kind else {}
    return {"api": {"operation": event["kind"], "service": {"name": "workroom"}}, **resource}


def _privileges(payload: Mapping[str, Any] | None) -> list[str]:
    return [str(payload[name]) for name in ("relation", "role", "name") if payload and payload.get(name)][:1]


def _user(name: str) -> dict[str, Any]:
    kind, _, uid = name.partition(":")
    return {"type_id": USER_TYPES.get(kind, 99), "type": kind, "uid": uid or kind}
