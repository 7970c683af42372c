"""The RFC 6962 tree over a ledger's leaves: roots and proofs, from hashes that are fetched as they are needed.

`Fetch` answers with the hashes of the perfect subtrees of 2^level leaves, from `start` up to `end` of them; it is asked
for levels 0, 8, 16 … only, so that one stored hash for every 256 beneath it is all that is kept.
"""

from collections.abc import Callable, Sequence

from accounts.ledger.verification.trees import EMPTY_ROOT, Frontier, node

LEVELS = 8
FANOUT = 2**LEVELS
Fetch = Callable[[int, int, int], Sequence[bytes]]


def root(fetch: Fetch, size: int) -> bytes:
    """Return the root of the tree over the first `size` leaves."""
    return _root(fetch, 0, size) if size else EMPTY_ROOT


def inclusion_path(fetch: Fetch, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 6962, 2.1.1: the siblings from the leaf at `index` (from 0) up."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    return _inclusion(fetch, index, 0, size)


def consistency_path(fetch: Fetch, first: int, second: int) -> list[bytes]:
    """Return PROOF(first, D[second]) of RFC 6962, 2.1.2."""
    if not 0 < first <= second:
        raise ValueError(f"a tree of {second} leaves does not extend one of {first}")
    return _consistency(fetch, first, 0, second, whole=True)


def _inclusion(fetch: Fetch, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_inclusion(fetch, index, start, middle), _root(fetch, middle, end)]
    return [*_inclusion(fetch, index, middle, end), _root(fetch, start, middle)]


def _consistency(fetch: Fetch, first: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if first == end:
        return [] if whole else [_root(fetch, start, end)]
    middle = start + _split(end - start)
    if first <= middle:
        return [*_consistency(fetch, first, start, middle, whole=whole), _root(fetch, middle, end)]
    return [*_consistency(fetch, first, middle, end, whole=False), _root(fetch, start, middle)]


def _root(fetch: Fetch, start: int, end: int) -> bytes:
    size = end - start
    if size <= FANOUT and size & (size - 1):
        return _fold(fetch(0, start, end))
    if size & (size - 1) == 0:
        level = (size.bit_length() - 1) // LEVELS * LEVELS
        return _fold(fetch(level, start >> level, end >> level))
    middle = start + _split(size)
    return node(_root(fetch, start, middle), _root(fetch, middle, end))


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _fold(hashes: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    for each in hashes:
        frontier.append(each)
    return frontier.root()
