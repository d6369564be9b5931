"""A household as a person: what it told of itself is real, name and whereabouts are invented."""

import re
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from faker import Faker

from crm_api.kit.pinyin import sort_key

from .journey import Household

SOURCE = "complete_journey"
CHINESE = Faker("zh_CN", providers=["faker.providers.person"])
ENGLISH = Faker("en_US", providers=["faker.providers.person"])
CHINESE_SHARE = 0.6
WECHAT_SHARE = 0.7
MOBILE = ("135", "138", "139", "150", "158", "159", "177", "186", "188", "189", "198", "199")
ROADS = ("人民路", "中山路", "解放路", "建设路", "和平路", "新华路", "文化路", "朝阳路", "友谊路")
STREETS = ("Main St", "Oak St", "Park Ave", "Maple Ave", "Cedar Ln", "Lake Dr", "Hill Rd", "2nd St")
MAIL = ("example.com", "example.net", "example.org")


class City(NamedTuple):
    region: str
    city: str
    postal: str
    area: str = ""


CHINA = (
    City("北京市", "北京市", "100"),
    City("上海市", "上海市", "200"),
    City("天津市", "天津市", "300"),
    City("重庆市", "重庆市", "400"),
    City("广东省", "广州市", "510"),
    City("广东省", "深圳市", "518"),
    City("浙江省", "杭州市", "310"),
    City("江苏省", "南京市", "210"),
    City("四川省", "成都市", "610"),
    City("湖北省", "武汉市", "430"),
    City("陕西省", "西安市", "710"),
    City("福建省", "厦门市", "361"),
)
AMERICA = (
    City("OH", "Cincinnati", "452", "513"),
    City("OH", "Columbus", "432", "614"),
    City("KY", "Louisville", "402", "502"),
    City("IL", "Chicago", "606", "312"),
    City("MI", "Detroit", "482", "313"),
    City("TN", "Nashville", "372", "615"),
    City("TX", "Austin", "787", "512"),
    City("CO", "Denver", "802", "303"),
    City("WA", "Seattle", "981", "206"),
    City("GA", "Atlanta", "303", "404"),
)
TAGS = {
    "age": "age-{}",
    "home_ownership": "{}",
    "marital_status": "{}",
    "household_size": "household-{}",
    "kids_count": "kids-{}",
}


def person(household: Household, shift: timedelta) -> dict[str, Any]:
    """The body that creates this household's person; the same whenever it is asked for."""
    chance = Random(f"household {household.id}")
    named = _chinese if chance.random() < CHINESE_SHARE else _american
    body = {
        "kind": "person",
        **named(household.id, chance),
        "source": SOURCE,
        "acquired_at": (household.first_basket + shift).isoformat(),
        "external_ids": {SOURCE: str(household.id)},
        "tags": _tags(household),
    }
    if band := household.answers.get("income"):
        body["income_band"] = band
    return body


def _chinese(number: int, chance: Random) -> dict[str, Any]:
    body = _name(CHINESE, chance)
    body["name"] = body["family_name"] + body["given_name"]
    town, mobile = chance.choice(CHINA), chance.choice(MOBILE) + f"{chance.randrange(10**8):08}"
    line = f"{chance.choice(ROADS)}{chance.randint(1, 400)}号{chance.randint(1, 30)}楼"
    postal_code = f"{town.postal}{chance.randrange(1000):03}"
    points = [_point("phone", mobile), _point("email", _email(body["name"], number))]
    if chance.random() < WECHAT_SHARE:
        letters = "".join(_letters(body["name"]))
        points.append(_point("wechat", f"{letters[:14]}_{number:04}"))
    return body | {
        "language": "zh-CN",
        "contact_points": points,
        "addresses": [_address("CN", town, line, postal_code)],
    }


def _american(number: int, chance: Random) -> dict[str, Any]:
    """The phone number is one of those that are set aside for fiction, 555-01xx."""
    body = _name(ENGLISH, chance)
    body["name"] = f"{body['given_name']} {body['family_name']}"
    town = chance.choice(AMERICA)
    line = f"{chance.randint(1, 4000)} {chance.choice(STREETS)}"
    postal_code = f"{town.postal}{chance.randint(1, 99):02}"
    phone = f"+1 {town.area} 555 01{chance.randrange(100):02}"
    points = [_point("phone", phone), _point("email", _email(body["name"], number))]
    return body | {
        "language": "en-US",
        "contact_points": points,
        "addresses": [_address("US", town, line, postal_code)],
    }


def _name(names: Faker, chance: Random) -> dict[str, Any]:
    names.seed_instance(chance.getrandbits(32))
    gender = chance.choice(("female", "male"))
    given = names.first_name_female() if gender == "female" else names.first_name_male()
    return {"family_name": names.last_name(), "given_name": given, "gender": gender}


def _point(kind: str, value: str) -> dict[str, str]:
    return {"kind": kind, "value": value}


def _address(country: str, town: City, line: str, postal_code: str) -> dict[str, str]:
    place = {"country": country, "region": town.region, "city": town.city}
    return place | {"line1": line, "postal_code": postal_code}


def _letters(name: str) -> list[str]:
    return re.findall("[a-z]+", sort_key(name, person=True))


def _email(name: str, number: int) -> str:
    return f"{'.'.join(_letters(name))}.{number}@{MAIL[number % len(MAIL)]}"


def _tags(household: Household) -> list[str]:
    """`65+` -> `age-65-plus`, `Probable Renter` -> `probable-renter`."""
    said = household.answers
    tags = [form.format(said[answer]) for answer, form in TAGS.items() if answer in said]
    return [tag.lower().replace(" ", "-").replace("+", "-plus") for tag in tags]
