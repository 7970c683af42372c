"""RFC 6962: the root of a growing tree, and what proofs of inclusion and consistency come to."""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees to their parent: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """The right edge of a tree that grows leaf by leaf: one hash for each perfect subtree, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.hashes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the next leaf hash."""
        size = self.size
        while size & 1:
            leaf = node(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node(left, root)
        return root


def included_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that `path` proves for the leaf at `index` (from 0) of `size`; None when it cannot be a path.

    RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node(root, sibling)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def consistent_roots(first: int, second: int, old: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots at sizes `first` and `second` that `path` proves, `old` being the one claimed for `first`.

    None when it cannot be a path between these sizes. RFC 9162, 2.1.4.2.
    """
    if not 0 < first <= second or (first == second) != (not path):
        return None
    if first == second:
        return old, old
    hashes = list(path) if first & (first - 1) else [old, *path]
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = node(sibling, before), node(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node(after, sibling)
        place, last = place >> 1, last >> 1
    return (before, after) if last == 0 else None
