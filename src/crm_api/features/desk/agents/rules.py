"""What agents can do, as words."""

from collections.abc import Iterable

MOST_CAPACITY = 1000
USUAL_CAPACITY = 10
MOST_SKILLS = 50


def as_kept(skills: Iterable[str]) -> list[str]:
    """In lower case, with single spaces, each once: `Refunds` and `refunds` are one skill."""
    return list(dict.fromkeys(" ".join(skill.split()).lower() for skill in skills))
