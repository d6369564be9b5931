"""`crm-api serve --demo` as a front-end team meets it: sign-in from a browser, over sockets."""

import base64
import hashlib
import re
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc.jwk import KeySet
from joserfc.jwt import decode

from crm_api.cli.development.beside import trust
from crm_api.cli.development.issuer import Issuer
from crm_api.settings import Settings
from tests.cli.test_commands import Serving
from tests.providing import listening
from tests.serving import applications, client_of, tenant_and_key

HIDDEN = re.compile('<input type="hidden" name="([^"]*)" value="([^"]*)">')
META = re.compile('<meta name="api" content="([^"]*)">')
CLIENT = "sign-in-page"


class Browser:
    """What the page's script does: a code with PKCE, and calls with the token."""

    def __init__(self, page: str, http: httpx.Client) -> None:
        self.page, self.http = page, http
        found = META.search(http.get(page).text)
        assert found
        self.api = found[1]
        self.configuration = http.get(f"{page}/.well-known/openid-configuration").json()
        self.verifier, self.state = secrets.token_urlsafe(32), secrets.token_urlsafe(8)

    def question(self, **said: str) -> dict[str, str]:
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": f"{self.page}/",
            "scope": "openid",
            "nonce": "n",
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
            "code_challenge_method": "S256",
            **said,
        }

    def answer(self, person: str, **said: str) -> dict[str, str]:
        """Choose a person in the form, and come back with what stands in the address."""
        place = self.configuration["authorization_endpoint"]
        form = self.http.get(place, params=self.question(**said))
        if form.status_code == 200:
            assert f'value="{person}"' in form.text
            hidden = dict(HIDDEN.findall(form.text))
            form = self.http.post(place, data={**hidden, "person": person})
        assert form.status_code == 303, form.text
        back = urlsplit(form.headers["location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == f"{self.page}/"
        return dict(parse_qsl(back.query))

    def exchange(self, code: str, **said: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{self.page}/",
            "client_id": CLIENT,
            "code_verifier": self.verifier,
            **said,
        }
        return self.http.post(self.configuration["token_endpoint"], data=form)

    def token(self, person: str) -> str:
        told = self.answer(person)
        assert (told["state"], told["iss"]) == (self.state, self.page)
        return str(self.exchange(told["code"]).json()["access_token"])

    def call(self, token: str, path: str) -> httpx.Response:
        """First what a browser asks before it calls, then the call."""
        origin = {"Origin": self.page}
        asks = {"Access-Control-Request-Method": "GET", **origin}
        allowed = self.http.options(f"{self.api}{path}", headers=asks)
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        authorization = {"Authorization": f"Bearer {token}", **origin}
        answer = self.http.get(f"{self.api}{path}", headers=authorization)
        assert answer.headers["access-control-allow-origin"] == self.page, answer.text
        return answer


@pytest.fixture(scope="module")
def home() -> Path:
    return Path(mkdtemp(prefix="crm-sign-in-"))


@pytest.fixture(scope="module")
def page(home: Path) -> Iterator[str]:
    """Where the page is, once the demo's tenant trusts its provider."""
    with Serving(home, "--demo") as server:
        place = f"http://127.0.0.1:{server.port + 1}"
        _wait(place, server)
        yield place
    assert place in server.said
    assert "development" in server.said
    assert "Traceback" not in server.said, server.said
    with socket.create_server(("127.0.0.1", server.port + 1)):
        pass  # nothing listens there any longer


def _wait(page: str, server: Serving) -> None:
    until = time.monotonic() + 30
    with httpx.Client() as http:
        while time.monotonic() < until:
            browser = Browser(page, http)
            token = browser.token("zhang.wei")
            headers = {"Authorization": f"Bearer {token}", "Origin": page}
            answer = http.get(f"{browser.api}/v1/me", headers=headers)
            if "access-control-allow-origin" in answer.headers and answer.status_code == 200:
                assert browser.api == f"http://127.0.0.1:{server.port}"
                return
            time.sleep(0.2)
    raise AssertionError("the demo's tenant does not trust the provider")


@pytest.fixture
def browser(page: str) -> Iterator[Browser]:
    with httpx.Client() as http:
        yield Browser(page, http)


def test_a_person_signs_in_and_reads_customers(browser: Browser) -> None:
    token = browser.token("wang.fang")
    me = browser.call(token, "/v1/me").json()
    assert me["scopes"] == ["customers:read", "customers:write"]
    assert me["tenant"] == {**me["tenant"], "name": "Demo group", "kind": "sandbox"}
    listed = browser.call(token, "/v1/customers?limit=3")
    assert listed.status_code == 200
    assert browser.call(token, "/v1/api-keys").status_code == 403
    nobody = Browser(browser.page, browser.http)
    assert browser.call(nobody.token("nobody"), "/v1/customers").status_code == 403
    auditor = Browser(browser.page, browser.http)
    scopes = browser.call(auditor.token("li.na"), "/v1/me").json()["scopes"]
    assert "audit:read" in scopes
    assert all(scope.endswith(":read") for scope in scopes)


def test_the_page_is_alone_with_its_script(browser: Browser) -> None:
    page = browser.http.get(browser.page)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"connect-src 'self' {browser.api}" in policy
    script = browser.http.get(f"{browser.page}/sign-in.js")
    assert script.headers["content-type"].startswith("text/javascript")
    for word in ("code_challenge_method", "S256", "sessionStorage", "Authorization"):
        assert word in script.text
    assert "localStorage" not in script.text


def test_the_id_token_is_for_the_page_and_not_for_the_api(browser: Browser) -> None:
    told = browser.exchange(browser.answer("wang.fang")["code"]).json()
    keys = KeySet.import_key_set(browser.http.get(browser.configuration["jwks_uri"]).json())
    said = decode(told["id_token"], keys, algorithms=["ES256"]).claims
    assert (said["aud"], said["nonce"], said["sub"]) == (CLIENT, "n", "wang.fang")
    headers = {"Authorization": f"Bearer {told['id_token']}"}
    assert browser.http.get(f"{browser.api}/v1/me", headers=headers).status_code == 401


def test_a_code_is_good_once_and_for_whoever_asked_for_it(browser: Browser) -> None:
    code = browser.answer("wang.fang")["code"]
    assert browser.exchange(code).status_code == 200
    assert browser.exchange(code).json() == {"error": "invalid_grant"}
    for wrong in (
        {"code_verifier": secrets.token_urlsafe(32)},
        {"code_verifier": ""},
        {"client_id": "another"},
        {"redirect_uri": f"{browser.page}/other"},
        {"grant_type": "password"},
    ):
        code = browser.answer("wang.fang")["code"]
        answer = browser.exchange(code, **wrong)
        assert answer.status_code == 400
        assert set(answer.json()) == {"error"}


def test_without_pkce_there_is_no_code(browser: Browser) -> None:
    for wrong in ({"code_challenge": ""}, {"code_challenge_method": "plain"}, {"client_id": ""}):
        assert browser.answer("wang.fang", **wrong)["error"] == "invalid_request"
    token = browser.answer("wang.fang", response_type="token")
    assert token["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    "uri", ["https://evil.example.com/", "//evil.example.com", "http://127.0.0.1@evil.example/", ""]
)
def test_codes_go_to_this_machine_only(browser: Browser, uri: str) -> None:
    place = browser.configuration["authorization_endpoint"]
    question = browser.question(redirect_uri=uri)
    assert browser.http.get(place, params=question).status_code == 400
    chosen = browser.http.post(place, data={**question, "person": "zhang.wei"})
    assert chosen.status_code == 400
    assert "location" not in chosen.headers


def test_a_program_signs_in_by_itself(browser: Browser) -> None:
    form = {"grant_type": "client_credentials", "client_id": "batch", "client_secret": "x"}
    place = browser.configuration["token_endpoint"]
    assert browser.http.post(place, data=form).json() == {"error": "invalid_client"}
    told = browser.http.post(place, data={**form, "client_secret": "development"}).json()
    me: dict[str, Any] = browser.call(told["access_token"], "/v1/me").json()
    assert (me["scopes"], me["api_key_id"]) == ([], None)


def test_another_name_for_this_machine_is_not_served(browser: Browser) -> None:
    answer = browser.http.get(browser.page, headers={"Host": "evil.example.com"})
    assert answer.status_code == 400


async def test_a_demo_that_is_served_again_trusts_its_new_provider_only(
    settings: Settings,
) -> None:
    """Its keys are new, and perhaps its port."""
    first, second = (f"http://127.0.0.1:{port}" for port in (8001, 8002))
    allowed = "127.0.0.1:8001, 127.0.0.1:8002"
    async with applications(settings, egress_allow=allowed) as (app,), listening(app) as url:
        _, key = await tenant_and_key(app.state.house)
        async with client_of(app, key) as client:
            kept = "https://crm.example.com"
            await client.patch("/tenant", json={"allowed_origins": [kept]})
            for issuer in (first, second, second):
                await trust(url, key, Issuer(issuer), ["customers:read"])
            listed = (await client.get("/identity-providers")).json()["data"]
            assert [provider["issuer"] for provider in listed] == [second]
            origins = (await client.get("/tenant")).json()["allowed_origins"]
            assert origins == [kept, second]
