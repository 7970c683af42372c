"""`verify_audit FILE [--key KEY] [--checkpoint FILE]`: what `verify.py` says of an audit export."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.ledger import verify


class Command(BaseCommand):
    help = "Checks an audit export: exit 0 verified, 2 chain intact but no key given, 1 broken, 3 could not check."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="an audit export in JSON Lines")
        parser.add_argument("--key", help="the public key, from elsewhere than the export: a PEM file or its text")

        help = "an earlier checkpoint, from a witness; may be given several times"
        parser.add_argument("--checkpoint", metavar="FILE", action="append", default=[], help=help)

    def handle(self, *, file: str, key: str | None, checkpoint: list[str], **options: Any) -> None:
        if code := verify.run(file, key, self.stdout.write, self.stderr.write, checkpoint):
            sys.exit(code)
