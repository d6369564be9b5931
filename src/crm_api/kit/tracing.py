"""Which trace a request belongs to (W3C Trace Context), and what a trace may not tell."""

import re

from opentelemetry.trace import format_trace_id, get_current_span
from starlette.types import Scope

from .said import sent

PARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
HIDDEN = {"url.path": "", "url.query": ""}


def trace_id(scope: Scope) -> str | None:
    """Of the trace that is being recorded, or that `traceparent` names; 32 hex digits."""
    context = get_current_span().get_span_context()
    if context.is_valid:
        return format_trace_id(context.trace_id)
    named = sent(scope, b"traceparent")
    found = PARENT.fullmatch(named[0]) if len(named) == 1 else None
    return found[1].decode() if found else None


def traced(scope: Scope) -> bool:
    """Whether a span of this request is being recorded; nobody asks where nothing is traced.

    Paths and queries may hold names, numbers and mail addresses, so the span forgets them.
    """
    if "fastapi.telemetry" not in scope:
        return False
    get_current_span().set_attributes(HIDDEN)
    return get_current_span().is_recording()


def name_span(method: str, route: str | None) -> None:
    """As OpenTelemetry names requests; FastAPI would, for routes that it finds itself."""
    if route is not None:
        span = get_current_span()
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
