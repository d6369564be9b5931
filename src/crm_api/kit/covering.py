"""What scopes allow, one by one and by wildcards."""

from collections.abc import Collection, Iterable

EVERYTHING, EVERY_READ = "*", "*:read"
WILDCARDS = frozenset({EVERYTHING, EVERY_READ})
CHANGE_NOTHING = (":read", ":export", ":unmask")


def only_read(scopes: Iterable[str]) -> bool:
    """Whether nothing can be changed with these scopes."""
    return all(scope.endswith(":read") for scope in scopes)


def only_look(scopes: Iterable[str]) -> bool:
    """Whether no record can be changed with these scopes: whoever writes records into a file, or
    sees one whole, changes none."""
    return all(scope.endswith(CHANGE_NOTHING) for scope in scopes)


def covers(held: Collection[str], wanted: Iterable[str]) -> bool:
    """Whether whoever holds some scopes may do all that others allow."""
    if EVERYTHING in held:
        return True
    reads = EVERY_READ in held
    for scope in wanted:
        if scope not in held and not (reads and scope.endswith(":read")):
            return False
    return True


def common(one: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """What each of two allows."""
    one, other = frozenset(one), frozenset(other)
    return frozenset(s for s in one | other if covers(one, [s]) and covers(other, [s]))
