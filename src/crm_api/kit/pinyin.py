"""placeholder while the real one is being written"""


def sort_key(name: str, *, person: bool = False) -> str:
    return name.casefold()
