"""The tree over a ledger's leaves: the test vectors of RFC 6962's own implementation, and properties for all sizes."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.ledger.tree import FANOUT, LEVELS, Fetch, consistency_path, inclusion_path, root
from accounts.ledger.verification.notes import note_key_id
from accounts.ledger.verification.trees import EMPTY_ROOT, Frontier, consistent_roots, included_root, node

# Of certificate-transparency's merkletree tests; the inputs, and the roots of the trees over the first 1 … 8 of them.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
GROWTHS = {
    (1, 1): [],
    (1, 8): PATHS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def leaves(count: int) -> list[bytes]:
    """Leaf hashes: of the vectors' inputs, then of the numbers."""
    known = [bytes.fromhex(text) for text in INPUTS]
    inputs = known[:count] + [str(number).encode() for number in range(len(known), count)]
    return [hashlib.sha256(b"\0" + each).digest() for each in inputs]


def fetching(all_leaves: list[bytes]) -> Fetch:
    """Answers as a store of every 256th subtree does."""

    def level_of(level: int) -> list[bytes]:
        if level == 0:
            return all_leaves
        beneath = level_of(level - LEVELS)
        whole = len(beneath) // FANOUT
        return [folded(beneath[place * FANOUT : (place + 1) * FANOUT]) for place in range(whole)]

    levels = {level: level_of(level) for level in (0, LEVELS, 2 * LEVELS)}

    def fetch(level: int, start: int, end: int) -> list[bytes]:
        assert end <= len(levels[level]), "asked for a subtree that is not whole"
        assert end - start <= FANOUT, "asked for more than a subtree's worth"
        return levels[level][start:end]

    return fetch


def folded(hashes: list[bytes]) -> bytes:
    """The root as the RFC defines it, by recursion."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(folded(hashes[:split]), folded(hashes[split:]))


FETCH = fetching(leaves(1100))


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_vectors(size: int) -> None:
    frontier = Frontier()
    for leaf in leaves(size):
        frontier.append(leaf)
    assert root(FETCH, size).hex() == frontier.root().hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert root(FETCH, 0) == Frontier().root() == EMPTY_ROOT == hashlib.sha256().digest()


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_inclusion_paths_are_those_of_the_vectors(index: int, size: int) -> None:
    path = inclusion_path(FETCH, index, size)
    assert [each.hex() for each in path] == PATHS[index, size]
    assert included_root(leaves(8)[index], index, size, path) == bytes.fromhex(ROOTS[size - 1])


@pytest.mark.parametrize(("first", "second"), GROWTHS)
def test_consistency_paths_are_those_of_the_vectors(first: int, second: int) -> None:
    path = consistency_path(FETCH, first, second)
    assert [each.hex() for each in path] == GROWTHS[first, second]
    old, new = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1])
    assert consistent_roots(first, second, old, path) == (old, new)


def test_a_key_in_a_note_is_named_as_others_name_it() -> None:
    """The verifier key of sum.golang.org, as the Go command has it built in: name, key ID, type and key."""
    key = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert note_key_id("sum.golang.org", key[1:]).hex() == "033de0ae"


SIZES = st.integers(1, 1100)


@given(st.data())
def test_every_leaf_is_proved_in_every_tree_and_no_other_leaf_is(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    path = inclusion_path(FETCH, index, size)
    assert included_root(FETCH(0, index, index + 1)[0], index, size, path) == root(FETCH, size)
    assert len(path) <= (size - 1).bit_length()
    if other != index:
        assert included_root(FETCH(0, other, other + 1)[0], index, size, path) != root(FETCH, size)
        assert included_root(FETCH(0, index, index + 1)[0], other, size, path) != root(FETCH, size)
    assert included_root(FETCH(0, index, index + 1)[0], index, size, [*path, path[-1] if path else b""]) is None
    assert included_root(FETCH(0, index, index + 1)[0], size, size, path) is None


@given(st.data())
def test_every_tree_is_proved_to_have_grown_and_no_other_past_is(data: st.DataObject) -> None:
    second = data.draw(SIZES)
    first = data.draw(st.integers(1, second))
    path = consistency_path(FETCH, first, second)
    old, new = root(FETCH, first), root(FETCH, second)
    assert consistent_roots(first, second, old, path) == (old, new)
    if first < second:
        assert consistent_roots(first, second, bytes(32), path) != (bytes(32), new)
        assert consistent_roots(first, second, old, path[:-1]) is None or len(path) > 1
        assert consistent_roots(first, second, old, [*path, new]) is None
        assert consistent_roots(first, second, old, [bytes(32), *path[1:]]) != (old, new)
    assert consistent_roots(second + 1, second, old, path) is None
