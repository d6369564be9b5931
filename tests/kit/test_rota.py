"""A chore is done by one worker at a time, every so often, and by another if one dies."""

import asyncio
from typing import Any

from asyncpg import Connection as Admin

from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.kit.rota import Chore, Rota

HOUR = 3600


class Counted:
    """Finds so much to do in all, one at a time, and takes a moment for each."""

    def __init__(self, left: int) -> None:
        self.left, self.done, self.busy, self.most = left, 0, 0, 0

    async def __call__(self) -> int:
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(0.01)
        self.busy -= 1
        found = min(self.left, 1)
        self.left -= found
        self.done += found
        return found


async def once(*rotas: Rota) -> None:
    await asyncio.gather(*[do_once([rota], asyncio.Event()) for rota in rotas])


async def let_pass(admin: "Admin[Any]", seconds: int) -> None:
    await admin.execute(
        "UPDATE timers SET due_at = due_at - make_interval(secs => $1) WHERE kind = 'chore'",
        seconds,
    )


async def test_many_workers_do_a_chore_once_until_nothing_is_left(house: House) -> None:
    work = Counted(3)
    rotas = [Rota(house.pool, [Chore("shared", HOUR, work)]) for _ in range(4)]
    await once(*rotas)
    assert (work.done, work.left, work.most) == (3, 0, 1)
    work.left = 1
    await once(*rotas)
    assert work.left == 1


async def test_a_chore_is_due_again_when_its_time_has_passed(
    house: House, admin: "Admin[Any]"
) -> None:
    work = Counted(1)
    rota = Rota(house.pool, [Chore("hourly", HOUR, work)])
    await once(rota)
    work.left = 1
    await let_pass(admin, HOUR - 10)
    await once(rota)
    assert work.left == 1
    await let_pass(admin, 20)
    await once(rota)
    assert (work.left, work.done) == (0, 2)


async def test_a_chore_that_fails_is_done_again_and_holds_up_no_other(
    house: House, admin: "Admin[Any]"
) -> None:
    work, failures = Counted(1), [ValueError("once")]

    async def frail() -> int:
        if failures:
            raise failures.pop()
        return await work()

    other = Counted(1)
    rota = Rota(house.pool, [Chore("frail", HOUR, frail), Chore("other", HOUR, other)])
    await once(rota)
    assert (work.done, other.done) == (0, 1)
    await let_pass(admin, 61)
    await once(rota)
    assert work.done == 1


async def test_a_chore_of_another_release_is_left_alone(house: House, admin: "Admin[Any]") -> None:
    work = Counted(1)
    newer, older = Rota(house.pool, [Chore("new", HOUR, work)]), Rota(house.pool, [])
    await newer._enlist()
    older.crew.places = 1
    await once(older)
    assert work.left == 1
    await let_pass(admin, 61)
    await once(newer)
    assert work.left == 0
