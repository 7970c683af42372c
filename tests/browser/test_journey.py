"""A claim from the document to the verified ledger, by two people in two browsers."""

import json
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.installation import Installation
from tests.browser.people import PHONE, ROOM, comes_in, is_live

AGENTS = ("Intake", "Coverage", "Fraud", "Assessor", "Adjudicator")
TITLE = "Pay $81,240.00 to Marcus Hale for CL-4471"


def test_a_claim_goes_through(browser: Browser, installation: Installation, tmp_path: Path) -> None:
    adjuster = comes_in(browser, installation.url, "adjuster")
    supervisor = comes_in(browser, installation.url, "supervisor", PHONE)
    starts_the_team_in_a_thread_that_both_watch(adjuster, supervisor)
    is_refused_to_approve_the_own_request(adjuster)
    is_live(adjuster)
    edits_and_approves(supervisor)
    sees_the_receipt_without_reloading(adjuster)
    reads_the_letter(supervisor)
    export = exports_the_ledger(supervisor, tmp_path)
    key = tmp_path / "harbor.pem"
    key.write_text(supervisor.request.get("/o/harbor/key.pem").text())
    verifies(installation, supervisor, export, key, tmp_path)
    sees_the_steps_done_by_doing_them(adjuster)
    assert all(json.loads(line) for line in export.read_text().splitlines()), "each line of the export is an object"


def starts_the_team_in_a_thread_that_both_watch(adjuster: Page, supervisor: Page) -> None:
    is_live(adjuster)
    adjuster.get_by_label("Message Auto claims").fill("The big one of this week comes next.")
    adjuster.keyboard.press("Enter")
    said = adjuster.locator(".entry", has_text="The big one of this week")
    expect(said).to_have_count(1)
    thread = (said.get_attribute("id") or "").removeprefix("entry-")
    for page in (adjuster, supervisor):
        page.goto(f"{ROOM}threads/{thread}/")
        is_live(page)
        page.evaluate("window.sameDocument = true")
    adjuster.get_by_label("Message Auto claims").fill("@auto-claims Settle this claim: claim-CL-4471.pdf")
    adjuster.keyboard.press("Enter")
    for page in (adjuster, supervisor):
        for agent in AGENTS:
            told = page.locator(".replies-of .entry", has=page.locator(".meta b", has_text=agent))
            expect(told).to_have_count(1, timeout=20_000)
        assert page.evaluate("window.sameDocument") is True, "the page was loaded again"


def is_refused_to_approve_the_own_request(adjuster: Page) -> None:
    adjuster.goto(ROOM)
    card = adjuster.locator(".ask", has_text=TITLE)
    expect(card.get_by_text("Waits for a supervisor")).to_be_visible()
    expect(card.get_by_role("button", name="Approve")).to_be_hidden()
    address = card.get_by_role("link", name="Read the evidence").get_attribute("href") or ""
    shown = adjuster.request.get(address).text()
    assert "You asked for this, so somebody else has to decide." in shown and 'value="approve"' not in shown
    approval = adjuster.request.get(f"/api/v1{address[:-1]}").json()
    cookies = {cookie["name"]: cookie["value"] for cookie in adjuster.context.cookies()}
    answer = adjuster.request.post(
        f"{address}decisions/",
        form={"decision": "approve", "digest": approval["digest"]},
        headers={"X-CSRFToken": cookies["csrftoken"], "Referer": adjuster.url},
    )
    assert answer.status == 403
    assert adjuster.request.get(f"/api/v1{address[:-1]}").json()["state"] == "open"


def edits_and_approves(supervisor: Page) -> None:
    supervisor.get_by_role("link", name=re.compile("^Inbox")).last.click()
    supervisor.get_by_role("link", name=re.compile(re.escape(TITLE))).click()
    for visible in ("Approve", "Reject…", "Edit and approve", "Ask"):
        expect(supervisor.get_by_role("button", name=visible, exact=True)).to_be_in_viewport()
    expect(supervisor.get_by_role("heading", name=TITLE)).to_be_in_viewport()
    expect(supervisor.get_by_role("link", name="high-payout")).to_be_in_viewport()
    supervisor.get_by_role("button", name="Edit and approve", exact=True).click()
    supervisor.get_by_label("Payout").fill("80,000.00")
    supervisor.get_by_label("Why").fill("The guard rail is settled with the county.")
    supervisor.get_by_role("button", name="Approve $80,000.00").click()
    expect(supervisor.get_by_role("heading", name="Decided: approved")).to_be_focused()
    expect(supervisor.get_by_text("edited and approved it").first).to_be_visible()


def sees_the_receipt_without_reloading(adjuster: Page) -> None:
    receipt = adjuster.locator(".receipt", has_text="Marcus Hale")
    expect(receipt).to_contain_text("$80,000.00", timeout=20_000)
    expect(receipt).to_contain_text("CL-4471")


def reads_the_letter(supervisor: Page) -> None:
    supervisor.goto(f"{ROOM}docs/")
    supervisor.get_by_role("link", name="letter-CL-4471.md").click()
    letter = supervisor.locator("article.letter")
    expect(letter).to_contain_text("Marcus Hale")
    expect(letter).to_contain_text("$80,000.00")
    expect(letter).to_contain_text("Ruth Abara")


def exports_the_ledger(supervisor: Page, folder: Path) -> Path:
    supervisor.goto(f"{ROOM}ledger/")
    with supervisor.expect_download() as download:
        supervisor.get_by_role("link", name=re.compile("Export .* as JSON Lines")).click()
    export = folder / "room.jsonl"
    download.value.save_as(export)
    return export


def verifies(installation: Installation, page: Page, export: Path, key: Path, folder: Path) -> None:
    verifier = folder / "verify.py"
    verifier.write_text(page.request.get("/verify.py").text())
    lines = export.read_bytes().splitlines(keepends=True)
    programs = ([sys.executable, "-I", str(verifier)], [sys.executable, "manage.py", "verify_audit"])
    edited = next(number for number, line in enumerate(lines) if b'"approval.edited"' in line)
    seq = json.loads(lines[edited])["seq"]
    flipped = lines[edited].replace(b"80", b"81", 1) if b"80" in lines[edited] else b""
    changed = folder / "changed.jsonl"
    changed.write_bytes(b"".join([*lines[:edited], flipped, *lines[edited + 1 :]]))
    for program in programs:
        whole = says(installation, [*program, str(export), "--key", str(key)])
        assert whole.returncode == 0 and whole.stdout.startswith("verified: "), whole.stdout + whole.stderr
        broken = says(installation, [*program, str(changed), "--key", str(key)])
        assert broken.returncode == 1 and f"broken at #{seq}:" in broken.stdout + broken.stderr, broken.stdout


def sees_the_steps_done_by_doing_them(page: Page) -> None:
    page.goto(ROOM)
    for step in ("Start one", "Decide one", "Verify the ledger"):
        expect(page.locator(".first-run li.done", has_text=step)).to_contain_text("Done, #")


def says(installation: Installation, command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=False)
