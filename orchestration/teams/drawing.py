"""Blocks of a drawing along an axis: a box, a chain of blocks, a fork into lanes; lying or upright.

`along` is the way the work goes, `across` the other; pieces of SVG carry classes only, never a style.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
CHEVRON = 4


@dataclass(frozen=True, slots=True)
class Paper:
    """Sizes in pixels, and which way the work goes: rightwards, or (upright) downwards."""

    upright: bool
    box_along: float
    box_across: float
    step: float
    fork: float
    lanes_apart: float
    circle: float

    def place(self, along: float, across: float) -> Point:
        """x and y of a point."""
        return (across, along) if self.upright else (along, across)

    def line(self, *points: Point) -> str:
        """A line through points given along and across."""
        return "M" + "L".join("{:g} {:g}".format(*self.place(*point)) for point in points)

    def arrow(self, along: float, across: float) -> str:
        """A tip that ends at a point, in the way the work goes."""
        tip = (along, across)
        return self.line((along - CHEVRON, across - CHEVRON), tip, (along - CHEVRON, across + CHEVRON))


@dataclass(frozen=True, slots=True)
class Block:
    """What is drawn around an axis: its length along it, and how far it reaches to both sides of it.

    `paint(along, across)` gives the pieces of SVG for a block that begins there. `opens` says that a line, not a box,
    comes first.
    """

    length: float
    before: float
    after: float
    paint: Callable[[float, float], list[str]]
    opens: bool = False


def edge(*paths: str) -> str:
    """Lines between boxes."""
    return f'<path class="edge" d="{"".join(paths)}"/>'


def chain(blocks: Sequence[Block], paper: Paper) -> Block:
    """One block after another, joined by arrows."""
    starts, along = [], 0.0
    for number, block in enumerate(blocks):
        along += paper.step if number and not block.opens else 0
        starts.append(along)
        along += block.length

    def paint(begin: float, across: float) -> list[str]:
        pieces: list[str] = []
        for number, (block, start) in enumerate(zip(blocks, starts, strict=True)):
            if number and not block.opens:
                came, goes = begin + start - paper.step, begin + start
                pieces.append(edge(paper.line((came, across), (goes - 1, across)), paper.arrow(goes - 1, across)))
            pieces += block.paint(begin + start, across)
        return pieces

    before, after = max(block.before for block in blocks), max(block.after for block in blocks)
    return Block(along, before, after, paint, opens=blocks[0].opens)


def fork(lanes: Sequence[Block], paper: Paper) -> Block:
    """Lanes beside each other: a line opens into them, and one line leaves."""
    longest = max(lane.length for lane in lanes)
    widths = [lane.before + lane.after for lane in lanes]
    whole = sum(widths) + paper.lanes_apart * (len(lanes) - 1)
    offsets, across_now = [], -whole / 2
    for lane, width in zip(lanes, widths, strict=True):
        offsets.append(across_now + lane.before)
        across_now += width + paper.lanes_apart
    length = paper.fork + longest + paper.fork / 2

    def paint(begin: float, across: float) -> list[str]:
        split, into = begin + paper.fork / 2, begin + paper.fork
        end = begin + length
        paths = [paper.line((begin, across), (split, across))]
        pieces: list[str] = []
        for lane, offset in zip(lanes, offsets, strict=True):
            beside = across + offset
            tip = into - (0 if lane.opens else 1)
            paths.append(paper.line((split, across), (split, beside), (tip, beside)))
            paths += [] if lane.opens else [paper.arrow(tip, beside)]
            paths.append(paper.line((into + lane.length, beside), (end, beside), (end, across)))
            pieces += lane.paint(into, beside)
        return [edge(*paths), *pieces]

    return Block(length, whole / 2, whole / 2, paint, opens=True)
