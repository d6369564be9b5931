"""Pages that load nothing from elsewhere, and whose policy lets them load nothing else."""

import base64
import hashlib

from starlette.responses import HTMLResponse

from crm_api.kit.words import ENGLISH

PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""


def page(title: str, head: str, body: str, policy: str, language: str = ENGLISH) -> HTMLResponse:
    """An answer of ready HTML; `policy` is its Content-Security-Policy."""
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    text = PAGE.format(language=language, title=title, head=head, body=body)
    return HTMLResponse(text, headers=headers)


def allowed(inline: str) -> str:
    """The source expression that admits exactly this inline script or style (CSP 3, 2.3.1)."""
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    return f"'sha256-{digest}'"
