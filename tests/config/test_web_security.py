"""What every answer carries, whose word about the caller counts, and what strangers learn when something breaks."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from config.logs import write_json_lines
from tests.cast import Cast, signed_in

ROOT = Path(__file__).parents[2]
PRINTED = """
from django.conf import settings as s
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS,
      s.SECURE_PROXY_SSL_HEADER, s.ALLAUTH_TRUSTED_PROXY_COUNT, s.SECURE_SSL_REDIRECT, s.DEBUG)
"""


def settings_under(address: str) -> str:
    """What the settings are in an installation at this address."""
    environment = os.environ | {"PUBLIC_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", PRINTED]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_behind_https_cookies_are_secure_and_one_proxy_is_believed() -> None:
    year = 365 * 24 * 3600
    header = "('HTTP_X_FORWARDED_PROTO', 'https')"
    assert settings_under("https://work.example") == f"True True {year} True {header} 1 False False"


def test_without_https_no_proxy_is_believed() -> None:
    assert settings_under("http://127.0.0.1:8000") == "False False 0 True None 0 False False"


def test_a_caller_cannot_say_who_it_is_by_headers(cast: Cast) -> None:
    """Five wrong tries from one address count together, whatever the caller says where it comes from."""
    from django.core.cache import cache

    cache.clear()
    browser, wrong = Client(), {"login": cast.bob.email, "password": "not the password"}
    for number in range(5):
        browser.post("/account/login/", wrong, headers={"X-Forwarded-For": f"9.9.9.{number}"})
    said = browser.post("/account/login/", wrong, headers={"X-Forwarded-For": "9.9.9.99"})
    assert b"Too many failed login attempts" in said.content
    cache.clear()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/o/harbor/", "text/html; charset=utf-8"),
        ("/o/harbor/key.pem", "application/x-pem-file"),
        ("/verify.py", "text/x-python; charset=utf-8"),
        ("/api/v1/me", "application/json; charset=utf-8"),
        ("/api/v1/workrooms/none", "application/problem+json"),
        ("/o/harbor/r/auto-claims/ledger/audit.csv", "text/csv; charset=utf-8"),
        ("/o/harbor/r/auto-claims/ledger/audit.jsonl", "application/jsonl"),
        ("/o/harbor/none/", "text/html; charset=utf-8"),
    ],
)
def test_every_answer_says_what_it_is_and_shuts_the_browser_in(cast: Cast, path: str, kind: str) -> None:
    answer = signed_in(cast.olivia).get(path)
    assert kind in answer["Content-Type"], answer["Content-Type"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy


def test_what_breaks_is_logged_and_not_shown(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the key is s3cret")

    monkeypatch.setattr("accounts.views.settings.access_organization", broken)
    logging.getLogger("django.request").propagate = True
    browser = Client(raise_request_exception=False)
    browser.force_login(cast.bob, "allauth.account.auth_backends.AuthenticationBackend")
    with caplog.at_level(logging.ERROR):
        answer = browser.get("/o/harbor/settings/")
    logging.getLogger("django.request").propagate = False
    assert answer.status_code == 500
    assert b"s3cret" not in answer.content and b"Traceback" not in answer.content
    assert "s3cret" in caplog.text and "Traceback" in caplog.text


def test_strangers_cannot_forge_a_line_of_the_log(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    write_json_lines()
    forged = "/api/v1/me%0a%7B%22event%22:%22all.fine%22%7D"
    Client().get(forged, headers={"Authorization": "Bearer wr_unknown"})
    lines = [line for line in capsys.readouterr().out.splitlines() if "token.refused" in line]
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert (said["level"], said["event"]) == ("warning", "token.refused")
    assert said["timestamp"].endswith("Z") and "wr_unknown" not in lines[0]
