"""The reference for people: the contract, shown by a bundle that is part of the package."""

import gzip
import hashlib
import json
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .html_page import allowed, page

PACKED = files(__package__).joinpath("scalar.js.gz").read_bytes()
DIGEST = hashlib.sha256(PACKED).hexdigest()[:16]
OPTIONS = {
    "url": "/openapi.json",
    "proxyUrl": "",
    "telemetry": False,
    "withDefaultFonts": False,
    "agent": {"disabled": True},
    "hideClientButton": True,
    "showDeveloperTools": "never",
    "authentication": {"preferredSecurityScheme": "bearer"},
    "persistAuth": False,
    "documentDownloadType": "json",
}
START = f"Scalar.createApiReference('#reference', {json.dumps(OPTIONS)})"
BODY = f"""\
<div id="reference"></div>
<noscript>This page needs JavaScript. The contract itself is at <a href="/openapi.json">\
/openapi.json</a>, the kinds of problem at <a href="/problems">/problems</a>.</noscript>
<script src="/docs/scalar.js?{DIGEST}"></script>
<script>{START}</script>"""
POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' {allowed(START)}",
        "style-src 'self' 'unsafe-inline'",  # the bundle adds its styles as it runs
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


async def docs(_: Request) -> HTMLResponse:
    return page("crm-api reference", "", BODY, POLICY)


async def bundle(request: Request) -> Response:
    """Leaves as it is stored where the caller takes gzip: the page that asks names its digest."""
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    tag = f'"{DIGEST}-gzip"' if packed else f'"{DIGEST}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    content = PACKED if packed else gzip.decompress(PACKED)
    return Response(content, headers=headers, media_type="text/javascript")
