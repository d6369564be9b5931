"""The provider as an application: discovery, keys, sign-in by a click, tokens, and a page."""

from html import escape
from importlib.resources import files
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from crm_api.platform.docs.html_page import page

from .grants import OWN_MACHINE, Grants, Wrong, check_request, may_return
from .issuer import Issuer, Person

NO_STORE = {"Cache-Control": "no-store"}
STYLE = """<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;
padding:0 1rem}button{font:inherit;padding:.4rem .8rem;margin:.3rem 0}pre{background:#f4f4f4;
padding:1rem;overflow:auto}.note{color:#666}</style>"""
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
    "base-uri 'none'"
)
NOTE = """<p class="note">This is a development provider: it asks for no password. Do not use it
for people.</p>"""


def development_provider(issuer: Issuer, api: str) -> Starlette:
    """`api` is where the page finds the API."""
    provider = _Provider(issuer, api)
    return Starlette(
        routes=[
            Route("/", provider.home),
            Route("/sign-in.js", provider.script),
            Route("/.well-known/openid-configuration", provider.configuration),
            Route("/keys", provider.keys),
            Route("/authorize", provider.choose, methods=["GET"]),
            Route("/authorize", provider.chosen, methods=["POST"]),
            Route("/token", provider.token, methods=["POST"]),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=[*OWN_MACHINE, "[::1]"]),
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"]),
        ],
    )


class _Provider:
    def __init__(self, issuer: Issuer, api: str) -> None:
        self.issuer, self.api, self.grants = issuer, api, Grants(issuer)

    async def home(self, _: Request) -> Response:
        """A page that signs in and calls the API, as a front end would."""
        head = f'{STYLE}<meta name="api" content="{escape(self.api)}">'
        body = files(__package__).joinpath("sign-in.html").read_text("utf-8")
        more = f"; script-src 'self'; connect-src 'self' {self.api}"
        return page("Sign in and call the API", head, body, POLICY + more)

    async def script(self, _: Request) -> Response:
        text = files(__package__).joinpath("sign-in.js").read_bytes()
        return Response(text, media_type="text/javascript")

    async def configuration(self, _: Request) -> Response:
        return JSONResponse(self.issuer.configuration())

    async def keys(self, _: Request) -> Response:
        return JSONResponse(self.issuer.key_set())

    async def choose(self, request: Request) -> Response:
        """Who do you want to be?"""
        asked = dict(request.query_params)
        if not may_return(asked.get("redirect_uri", "")):
            return Response("redirect_uri must be on this machine.", 400)
        try:
            check_request(asked)
        except Wrong as error:
            return self._back(asked, error=str(error))
        hidden = "".join(_hidden(name, value) for name, value in asked.items())
        buttons = "".join(map(_button, self.issuer.people))
        body = f'<h1>Sign in as</h1><form method="post">{hidden}{buttons}</form>{NOTE}'
        return page("Sign in", STYLE, body, POLICY)

    async def chosen(self, request: Request) -> Response:
        asked = await _form(request)
        person = self.issuer.person(asked.pop("person", ""))
        if not may_return(asked.get("redirect_uri", "")) or person is None:
            return Response("redirect_uri must be on this machine, and the person known.", 400)
        try:
            return self._back(asked, code=self.grants.code(person, asked))
        except Wrong as error:
            return self._back(asked, error=str(error))

    async def token(self, request: Request) -> Response:
        try:
            return JSONResponse(self.grants.tokens(await _form(request)), headers=NO_STORE)
        except Wrong as error:
            return JSONResponse({"error": str(error)}, 400, headers=NO_STORE)

    def _back(self, asked: dict[str, str], **said: str) -> Response:
        """With `iss`, so that the page knows who answers (RFC 9207)."""
        told = {**said, "iss": self.issuer.url}
        told |= {"state": asked["state"]} if "state" in asked else {}
        uri = asked["redirect_uri"]
        return RedirectResponse(f"{uri}{'&' if '?' in uri else '?'}{urlencode(told)}", 303)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _button(person: Person) -> str:
    return (
        f'<div><button name="person" value="{person.subject}">{escape(person.name)}</button></div>'
    )
