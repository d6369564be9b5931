"""What the `type` of a problem leads to: a page for each kind, and a list of all."""

import re
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from crm_api.kit.problem_registry import PROBLEMS, ProblemType

from .html_page import allowed, page

STYLE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 0; }
p { margin: .25rem 0; }
li { margin: .5rem 0; }
ul { padding-left: 1.25rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
nav { margin-top: 2rem; }
"""
HEAD = f"<style>{STYLE}</style>"
POLICY = (
    f"default-src 'none'; style-src {allowed(STYLE)}; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
QUOTED = re.compile(r"`([^`]+)`")


def _words(text: str) -> str:
    """Plain text with `code` in it, as HTML."""
    return QUOTED.sub(r"<code>\1</code>", escape(text, quote=False))


async def all_problems(_: Request) -> HTMLResponse:
    items = "\n".join(_item(code, kind) for code, kind in PROBLEMS.items())
    body = f"""\
<h1>Problems</h1>
<p>Every answer that is not a success is a problem document (RFC 9457). Decide by its
<code>code</code>; show its <code>detail</code> to people.</p>
<ul>
{items}
</ul>
<nav><a href="/docs">Reference</a></nav>"""
    return page("Problems", HEAD, body, POLICY)


def _item(code: str, kind: ProblemType) -> str:
    return (
        f'<li><a href="/problems/{code}"><code>{code}</code></a> {kind.status}: {kind.title}</li>'
    )


async def one_problem(request: Request) -> HTMLResponse:
    code = request.path_params["code"]
    if code not in PROBLEMS:
        raise HTTPException(404)
    kind = PROBLEMS[code]
    body = f"""\
<h1>{escape(kind.title)}</h1>
<p><code>{code}</code>, HTTP status {kind.status}</p>
<h2>What it means</h2>
<p>{_words(kind.meaning)}</p>
<h2>How to mend it</h2>
<p>{_words(kind.mend)}</p>
<nav><a href="/problems">All problems</a>, <a href="/docs">Reference</a></nav>"""
    return page(kind.title, HEAD, body, POLICY)
