"""Teams that come with the product."""

from pathlib import Path


def gallery() -> dict[str, str]:
    """YAML text of every team that comes with the product, by slug."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.yaml"))}
