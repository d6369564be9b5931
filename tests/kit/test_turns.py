"""What is free goes to whoever waits, one group after the other."""

import asyncio

import pytest

from crm_api.kit.turns import Turns


async def line_up(turns: Turns[int], *groups: str) -> tuple[list[str], list["asyncio.Task[None]"]]:
    served: list[str] = []

    async def wait(group: str) -> None:
        await turns.get(group)
        served.append(group)

    tasks = [asyncio.create_task(wait(group)) for group in groups]
    await asyncio.sleep(0)
    return served, tasks


async def test_a_group_that_comes_late_waits_for_one_of_another_and_not_for_all() -> None:
    turns: Turns[int] = Turns(0.2)
    served, tasks = await line_up(turns, *["noisy"] * 10, "quiet", "shy")
    assert turns.waiting() == 12
    for number in range(12):
        turns.put_nowait(number)
    await asyncio.gather(*tasks)
    assert served == ["noisy", "quiet", "shy", *["noisy"] * 9]
    assert turns.qsize() == 0


async def test_what_was_used_last_is_used_first() -> None:
    turns: Turns[int] = Turns(0.2)
    for number in range(3):
        turns.put_nowait(number)
    assert [turns.get_nowait() for _ in range(3)] == [2, 1, 0]


async def test_nothing_is_lost_with_who_gives_up() -> None:
    turns: Turns[int] = Turns(0.2)
    served, tasks = await line_up(turns, "a", "a", "b")
    tasks[0].cancel()
    turns.put_nowait(1)
    tasks[2].cancel()  # it has been given what it waited for, and does not know yet
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == []
    assert (turns.qsize(), turns.waiting()) == (1, 0)


async def test_patience_has_an_end_and_what_comes_later_is_kept() -> None:
    turns: Turns[int] = Turns(0.2)
    with pytest.raises(TimeoutError):
        await turns.get("a")
    assert turns.waiting() == 0
    turns.put_nowait(1)
    assert turns.qsize() == 1
