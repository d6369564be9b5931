"""What the `type` of a problem leads to: a page for each kind, and a list of all."""

import re
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from crm_api.kit.languages import language_headers, language_of
from crm_api.kit.problem_registry import PROBLEMS, ProblemType
from crm_api.kit.words import Words, say, translated

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
nav { margin-top: 2rem; display: flex; gap: 1rem; }
"""
HEAD = f"<style>{STYLE}</style>"
POLICY = (
    f"default-src 'none'; style-src {allowed(STYLE)}; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
PROBLEM_LIST, ALL, REFERENCE = say("Problems"), say("All problems"), say("Reference")
MEANING, MENDING = say("What it means"), say("How to mend it")
HOW_TO_USE = say(
    "Every answer that is not a success is a problem document (RFC 9457). "
    "Decide by its `code`; show its `detail` to people."
)
QUOTED = re.compile(r"`([^`]+)`")


def _words(words: Words, language: str) -> str:
    """Plain text with `code` in it, as HTML."""
    return QUOTED.sub(r"<code>\1</code>", escape(translated(words, language), quote=False))


def _page(title: str, body: str, language: str) -> HTMLResponse:
    answer = page(title, HEAD, body, POLICY, language)
    answer.raw_headers += language_headers(language)
    return answer


async def all_problems(request: Request) -> HTMLResponse:
    language = language_of(request.scope["headers"])
    items = "\n".join(_item(code, kind, language) for code, kind in PROBLEMS.items())
    title = _words(PROBLEM_LIST, language)
    body = f"""\
<h1>{title}</h1>
<p>{_words(HOW_TO_USE, language)}</p>
<ul>
{items}
</ul>
<nav><a href="/docs">{_words(REFERENCE, language)}</a></nav>"""
    return _page(title, body, language)


def _item(code: str, kind: ProblemType, language: str) -> str:
    link = f'<a href="/problems/{code}"><code>{code}</code></a>'
    return f"<li>{link} {kind.status}: {_words(kind.title, language)}</li>"


async def one_problem(request: Request) -> HTMLResponse:
    code = request.path_params["code"]
    if code not in PROBLEMS:
        raise HTTPException(404)
    kind, language = PROBLEMS[code], language_of(request.scope["headers"])
    title = _words(kind.title, language)
    status = say("HTTP status {status}", status=kind.status)
    body = f"""\
<h1>{title}</h1>
<p><code>{code}</code>, {_words(status, language)}</p>
<h2>{_words(MEANING, language)}</h2>
<p>{_words(kind.meaning, language)}</p>
<h2>{_words(MENDING, language)}</h2>
<p>{_words(kind.mend, language)}</p>
<nav><a href="/problems">{_words(ALL, language)}</a>
<a href="/docs">{_words(REFERENCE, language)}</a></nav>"""
    return _page(title, body, language)
