"""The server's own log: one JSON object a line, whatever strangers wrote into it."""

import structlog


def write_json_lines() -> None:
    """Let every process log alike: time in UTC, level, event, and the fields, encoded so that no line can be forged."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
