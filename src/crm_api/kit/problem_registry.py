"""placeholder while the real one is being written"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    status: int
    title: str
    meaning: str
    mend: str


CODES = dict(
    [
        ("malformed-json", 400),
        ("bad-request", 400),
        ("invalid-cursor", 400),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not-found", 404),
        ("method-not-allowed", 405),
        ("request-timeout", 408),
        ("conflict", 409),
        ("duplicate-value", 409),
        ("invalid-transition", 409),
        ("precondition-failed", 412),
        ("payload-too-large", 413),
        ("uri-too-long", 414),
        ("unsupported-media-type", 415),
        ("validation-failed", 422),
        ("unknown-reference", 422),
        ("precondition-required", 428),
        ("headers-too-large", 431),
        ("internal", 500),
        ("unavailable", 503),
    ]
)
PROBLEMS = {c: ProblemType(s, c.replace("-", " ").capitalize(), c, c) for c, s in CODES.items()}
