"""The face keeps its promises: small files, strict content policy, icons that exist, numbers that read well."""

import gzip
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import django_htmx
import pytest
from django.core.management import call_command
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.utils import timezone

from config.management.commands import build_assets
from workrooms.templatetags import face
from workrooms.templatetags.pictograms import GLYPHS, ICONS, STATES

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "static" / "js").glob("*.js"))


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def loaded_with(entry: Path) -> set[Path]:
    """Return the modules a page loads with `entry`, by their imports."""
    found, left = set(), [entry]
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += [module.parent / name for name in re.findall(r'from "\./([a-z_]+\.js)"', module.read_text())]
    return found


def test_first_load_is_small() -> None:
    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    assert packed(ROOT / "static" / "app.css") <= 15_000
    first = loaded_with(ROOT / "static" / "js" / "app.js")
    later = loaded_with(ROOT / "static" / "js" / "ledger_check.js")
    assert first | later == set(MODULES)
    assert packed(htmx) + sum(packed(module) for module in first) <= 35_000


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_compiles_and_fits_the_content_policy(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    names = re.findall(r"\{% icon \"([^\"]+)\"", text)
    assert set(names) <= ICONS.keys()


def test_every_glyph_and_state_has_its_icon() -> None:
    assert set(GLYPHS.values()) <= ICONS.keys()
    assert {icon for icon, _, _ in STATES.values()} <= ICONS.keys()
    with pytest.raises(TemplateSyntaxError, match="No icon is called 'robot'"):
        face.icon("robot")


def test_assets_are_built_from_the_packages(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "static").mkdir()
    call_command("build_assets")
    sprite = ElementTree.parse(tmp_path / "static" / "icons.svg").getroot()
    assert {symbol.attrib["id"] for symbol in sprite} == ICONS.keys()
    fonts = list((tmp_path / "static" / "fonts").glob("*.woff2"))
    assert len(fonts) == len(build_assets.FONTS)
    assert sum(font.stat().st_size for font in fonts) <= build_assets.FONT_LIMIT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (face.money(8_124_000), "$81,240.00"),
        (face.money(-100_000), "−$1,000.00"),
        (face.money(None), "—"),
        (face.money(1, "CHF"), "CHF 0.01"),
        (face.microcents(11_000_000), "$0.11"),
        (face.microcents(3), "< $0.01"),
        (face.microcents(0), "$0.00"),
        (face.seq(8412), "#8,412"),
        (face.seq(None), "· · ·"),
        (face.duration(0.84), "0.8 s"),
        (face.duration(226), "3 min 46 s"),
        (face.duration(59.7), "1 min 00 s"),
        (face.duration(7500), "2 h 05 min"),
        (face.duration(100_000), "1 d 3 h"),
        (face.short_hash(bytes(range(32))), "0001…1e1f"),
        (face.initials("Ruth Abara"), "RA"),
        (face.initials("ada"), "AD"),
        (face.initials("  "), "?"),
        (face.glyph("adjudicator"), "adjudicator"),
        (face.glyph(SimpleNamespace(name="zoe", role="Scores fraud")), "fraud"),
        (face.glyph("zoe"), "agent"),
    ],
)
def test_numbers_and_names_read_well(value: str, expected: str) -> None:
    assert value == expected


def test_times_are_as_exact_as_they_are_near() -> None:
    now = timezone.localtime()
    assert face.clock(now) == now.strftime("%H:%M")
    assert face.clock(now - timedelta(days=40)).endswith(now.strftime("%H:%M"))
    assert str((now - timedelta(days=40)).year) in face.clock(now - timedelta(days=40))
    assert face.ago(now + timedelta(hours=1)) == "0.0 s"


def test_names_cannot_break_out_of_the_page() -> None:
    nasty = SimpleNamespace(kind="person", name="<b>x <i>y")
    assert "<b>" not in face.avatar(nasty)
    assert face.numbered("<p><!--own number--></p>", 8412) == "<p>#8,412</p>"
