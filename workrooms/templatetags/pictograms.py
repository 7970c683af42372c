"""Which drawing stands for what: icons by our name, agents by their words, states by icon, colour and word."""

# Our name of an icon → its drawing in the package lucide.
ICONS = {
    "adjudicator": "scale", "agent": "workflow", "alert": "triangle-alert", "assessor": "ruler",
    "attach": "paperclip", "back": "chevron-left", "bank": "landmark", "billing": "receipt", "bell": "bell",
    "chat": "message-square", "check": "check", "chevron": "chevron-right", "clock": "clock", "close": "x",
    "copy": "copy", "coverage": "shield", "doc": "file", "done": "circle-check", "down": "download", "edit": "pencil",
    "fraud": "eye", "history": "history", "inbox": "inbox", "intake": "file-input", "keyboard": "keyboard",
    "librarian": "library", "link": "link", "lock": "lock", "manager": "network", "menu": "menu", "moon": "moon",
    "more": "ellipsis", "none": "circle-minus", "pane": "panel-right", "paused": "circle-pause", "people": "users",
    "person": "user", "plus": "plus", "queued": "circle-dashed", "reply": "reply", "reviewer": "list-checks",
    "room": "panel-left", "run": "circle-dot", "seal": "badge-check", "search": "search", "send": "arrow-up",
    "settings": "settings", "settlement": "hand-coins", "signout": "log-out", "stop": "square",
    "stopped": "circle-stop", "sun": "sun", "system": "text-align-justify", "team": "users-round", "undo": "undo-2",
    "unverified": "badge-alert", "upload": "upload", "wait": "circle-alert", "writer": "pen-line",
}  # fmt: skip

# Word in an agent's name or role → its icon; the first that occurs decides.
GLYPHS = {
    "intake": "intake", "triage": "intake", "extract": "intake", "coverage": "coverage", "policy": "coverage",
    "fraud": "fraud", "risk": "fraud", "assess": "assessor", "valu": "assessor", "adjudicat": "adjudicator",
    "decide": "adjudicator", "judge": "adjudicator", "settle": "settlement", "pay": "settlement",
    "librarian": "librarian", "search": "librarian", "review": "reviewer", "check": "reviewer", "verif": "reviewer",
    "plan": "manager", "manage": "manager", "billing": "billing", "writ": "writer", "draft": "writer",
    "workroom": "system",
}  # fmt: skip

# State of a run, turn, tool call, approval or execution → icon, colour class, word.
STATES = {
    "queued": ("queued", "faint", "Queued"), "running": ("run", "", "Running"),
    "waiting": ("wait", "needs", "Needs a person"), "paused": ("paused", "", "Paused"),
    "stopping": ("stop", "", "Stopping…"), "stopped": ("stopped", "", "Stopped"), "finished": ("done", "ok", "Done"),
    "failed": ("alert", "bad", "Failed"), "open": ("wait", "needs", "Open"), "approved": ("done", "ok", "Approved"),
    "rejected": ("none", "", "Rejected"), "expired": ("clock", "", "Expired"),
    "superseded": ("history", "", "Replaced"), "claimed": ("run", "", "Running"),
    "skipped": ("none", "faint", "Skipped"), "pending": ("queued", "faint", "Not started"),
    "blocked": ("none", "faint", "Blocked"), "asked": ("wait", "needs", "Asked"), "succeeded": ("done", "ok", "Done"),
    "denied": ("lock", "bad", "Denied"), "ambiguous": ("alert", "bad", "Unknown outcome"),
    "executing": ("run", "", "Executing"), "executed": ("done", "ok", "Executed"),
    "proposed": ("queued", "faint", "Proposed"), "ready": ("queued", "faint", "Queued"),
}  # fmt: skip
