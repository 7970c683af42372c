"""Fonts and icons for the pages, taken from installed packages into static/ (not committed: see .gitignore)."""

import importlib.util
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from workrooms.templatetags.pictograms import ICONS

FONT_LIMIT = 120_000
LATIN = [
    *range(0x20, 0x7F), *range(0xA0, 0x100), 0x131, 0x152, 0x153, 0x2009, 0x200A, 0x202F, 0x2010, 0x2011, 0x2013,
    0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2020, 0x2022, 0x2026, 0x2032, 0x2033, 0x20AC, 0x2190,
    0x2191, 0x2192, 0x2193, 0x2212, 0x2215, 0x2260, 0x2264, 0x2265,
]  # fmt: skip
CODE = [
    *range(0x20, 0x7F), 0xA0, 0xA7, 0xB7, 0xD7, 0x2013, 0x2014, 0x2016, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x2192,
    0x2212, 0x2264, 0x2265,
]  # fmt: skip
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "tnum", "lnum", "case", "zero"]
FONTS: list[tuple[str, str, str, list[int], dict[str, Any]]] = [
    ("fontpkg_ibm_plex_sans", "IBMPlexSans[wdth,wght].ttf", "plex-sans", LATIN, {"wdth": 100, "wght": (400, 650)}),
    ("fontpkg_ibm_plex_mono", "IBMPlexMono-Regular.ttf", "plex-mono", CODE, {}),
    ("fontpkg_ibm_plex_mono", "IBMPlexMono-Medium.ttf", "plex-mono-medium", CODE, {}),
    ("fontpkg_source_serif_4", "SourceSerif4[opsz,wght].ttf", "source-serif", LATIN, {"opsz": 16, "wght": (400, 600)}),
]
SVG = "http://www.w3.org/2000/svg"


def package_folder(package: str) -> Path:
    """Folder of an installed package. Raises CommandError where it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise CommandError(f"The package {package} is not installed: run `make install`.")
    return Path(spec.origin).parent


def subset_font(source: Path, target: Path, code_points: list[int], axes: dict[str, Any]) -> int:
    """Write the part of a font that the stylesheet uses as WOFF2; return its size in bytes."""
    font = TTFont(source)
    if axes:
        compiled = BytesIO()  # an instanced font must be compiled once before it can be subset
        instancer.instantiateVariableFont(font, axes).save(compiled)
        font = TTFont(compiled)
    options = Options()
    options.flavor, options.layout_features, options.hinting = "woff2", FEATURES, False
    options.desubroutinize, options.name_IDs, options.notdef_outline = True, [1, 2, 13, 14], True
    options.drop_tables = [*options.drop_tables, "meta"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)
    return target.stat().st_size


def build_fonts(folder: Path) -> int:
    """Subset every font into the folder; return bytes in all. Raises CommandError above FONT_LIMIT."""
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(
        subset_font(package_folder(package) / "files" / file, folder / f"{name}.woff2", code_points, axes)
        for package, file, name, code_points, axes in FONTS
    )
    if total > FONT_LIMIT:
        raise CommandError(f"The fonts are {total:,} bytes together, more than {FONT_LIMIT:,}.")
    return total


def build_sprite(target: Path) -> int:
    """Write one SVG with a symbol for each name in ICONS; return their number."""
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    with ZipFile(package_folder("lucide") / "lucide.zip") as lucide:
        for name, drawing in ICONS.items():
            try:
                drawn = ElementTree.fromstring(lucide.read(f"{drawing}.svg"))
            except KeyError:
                raise CommandError(f"The package lucide has no drawing {drawing!r} for the icon {name!r}.") from None
            symbol = ElementTree.SubElement(sprite, f"{{{SVG}}}symbol", id=name, viewBox=drawn.attrib["viewBox"])
            symbol.extend(list(drawn))
    ElementTree.ElementTree(sprite).write(target, encoding="utf-8")
    return len(ICONS)


class Command(BaseCommand):
    help = "Builds static/fonts/*.woff2 and static/icons.svg from the installed font and icon packages."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--force", action="store_true", help="build again what is already there")

    def handle(self, *, force: bool, **options: Any) -> None:
        static = Path(settings.BASE_DIR) / "static"
        if force or not all((static / "fonts" / f"{name}.woff2").exists() for _, _, name, _, _ in FONTS):
            self.stdout.write(f"fonts: {build_fonts(static / 'fonts'):,} bytes")
        self.stdout.write(f"icons: {build_sprite(static / 'icons.svg')}")
