"""What a request for a token says (RFC 6749, 4.4.2), before anybody asks whether it is right."""

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 50


class TokenRefused(Exception):
    """An error of RFC 6749, 5.2: `error` is for programs, `description` for people."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description

    @property
    def status(self) -> int:
        return 401 if self.error == "invalid_client" else 400


@dataclass(frozen=True, slots=True)
class Asked:
    """`scopes` are null where none were named."""

    client_id: str
    secret: str
    scopes: frozenset[str] | None


def read(media_type: str, body: bytes, authorization: Sequence[str]) -> Asked:
    """Raises: TokenRefused."""
    sent = _parameters(media_type, body)
    if sent.get("grant_type") != "client_credentials":
        error = "unsupported_grant_type" if "grant_type" in sent else "invalid_request"
        raise TokenRefused(error, "Send grant_type=client_credentials.")
    if authorization and "client_secret" in sent:
        raise TokenRefused("invalid_request", "Send the client's secret in one way only.")
    client_id, secret = _basic(authorization) if authorization else _in_body(sent)
    scopes = frozenset(sent.get("scope", "").split(" ")) - {""}
    return Asked(client_id, secret, scopes or None)


def _parameters(media_type: str, body: bytes) -> dict[str, str]:
    """What is unknown is passed over; what is said twice could mean either (RFC 6749, 3.2)."""
    if media_type.partition(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", f"Send the parameters as {FORM}.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:
        raise TokenRefused("invalid_request", "The form cannot be read.") from error
    if len({name for name, _ in pairs}) != len(pairs):
        raise TokenRefused("invalid_request", "A parameter is there twice.")
    return dict(pairs)


def _in_body(sent: dict[str, str]) -> tuple[str, str]:
    if not {"client_id", "client_secret"} <= sent.keys():
        raise TokenRefused("invalid_client", "Send the client's id and its secret.")
    return sent["client_id"], sent["client_secret"]


def _basic(authorization: Sequence[str]) -> tuple[str, str]:
    """Both parts are encoded as a form before they are joined (RFC 6749, 2.3.1)."""
    scheme, _, encoded = authorization[0].partition(" ")
    try:
        id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise TokenRefused("invalid_client", "The Basic credentials cannot be read.") from error
    if len(authorization) != 1 or scheme.lower() != "basic" or not colon:
        raise TokenRefused("invalid_client", "Send one Authorization header, of Basic.")
    return unquote_plus(id), unquote_plus(secret)
