"""What was found of known bytes is not looked for again, and is never what was found of others."""

from __future__ import annotations

from avbrott.digests import Found, sum_of


def test_the_same_bytes_are_looked_at_once():
    looked: list[bytes] = []

    def length(content: bytes) -> int:
        return found.of((sum_of(content),), lambda: looked.append(content) or len(content))

    found: Found[int] = Found(most=2)
    assert [length(one) for one in (b"a", b"bc", b"a", b"bc")] == [1, 2, 1, 2]
    assert looked == [b"a", b"bc"]
    assert length(b"def") == 3
    assert (length(b"bc"), length(b"a")) == (2, 1)
    assert looked == [b"a", b"bc", b"def", b"a"], "the oldest is forgotten first"
