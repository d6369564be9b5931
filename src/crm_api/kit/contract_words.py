"""What operations and their bodies are called, from the operationId: one name, said three ways."""

import re

WORD = re.compile("[A-Z]?[a-z0-9]+")
SPELLED = {"api": "API"}
PRONOUNS = {"me"}


def operation_id(function: str) -> str:
    """Of a router's function: `list_customers` is `listCustomers`."""
    first, *rest = function.split("_")
    return first + "".join(word.capitalize() for word in rest)


def summary(operation_id: str, one_of_many: bool) -> str:
    """`createApiKey` is "Create an API key", `getTenant` "Get the tenant"."""
    verb, *noun = (word.lower() for word in _words(operation_id))
    said = " ".join(SPELLED.get(word, word) for word in noun)
    return " ".join([verb.capitalize(), *_article(said, one_of_many), said])


def _words(operation_id: str) -> list[str]:
    return [found[0] for found in WORD.finditer(operation_id)]


def _article(noun: str, one_of_many: bool) -> list[str]:
    if noun.endswith("s") or noun in PRONOUNS:
        return []
    if not one_of_many:
        return ["the"]
    return [article(noun)]


def article(noun: str) -> str:
    """Before its first sound: an event, a user."""
    return "an" if noun[0] in "aeiouA" and not noun.startswith("us") else "a"


def body_name(operation_id: str) -> str:
    """`createCustomer` takes a `CustomerCreate`."""
    verb, *noun = _words(operation_id)
    return "".join(noun) + verb.capitalize()
