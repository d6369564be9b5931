from crm_api.platform.parties.schemas import is_uscc

from .errors import WrongCreditCode


def check_registration(country: str, number: str | None) -> None:
    """Raises WrongCreditCode. What other countries' registers write is theirs to say."""
    if country == "CN" and number is not None and not is_uscc(number):
        raise WrongCreditCode
