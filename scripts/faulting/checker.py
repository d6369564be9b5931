"""Compares what was acknowledged with what is there."""

from asyncpg import Record

from .findings import Findings
from .history import Answer, History, Write
from .stored import Stored, Told

RECORD_KINDS = ("create", "patch", "add-tags")


def check(history: History, stored: Stored) -> Findings:
    found = Findings()
    by_version = {(told.object_id.hex, told.version): told for told in stored.journal}
    for write in history.writes:
        found.add_all("refused", (f"{write.kind} {write.key}: {r}" for r in write.refusals))
        found.add_all("stuck", [f"{write.kind} {write.key}"] * write.stuck)
        _check_effect(write, stored, found)
        _check_answers(write, found)
        if write.key:
            _check_kept(write, stored, found)
        if write.answers and write.kind in RECORD_KINDS:
            _check_document(write, by_version, found)
    _check_versions(stored, found)
    asked = {mark for write in history.writes for mark in write.marks}
    found.add_all("uncalled-for", (f"mark {m}" for m in stored.marks if m not in asked))
    found.add_all("torn", (f"row {tuple(row)}" for row in stored.torn))
    return found


def _check_effect(write: Write, stored: Stored, found: Findings) -> None:
    """All of it once, or, where nobody has heard of it, perhaps nothing."""
    counts = {stored.marks[mark] for mark in write.marks}
    if max(counts) > 1:
        found.add("doubled", f"{write.kind} {write.key}")
    if len(counts) > 1:
        found.add("torn", f"{write.kind} {write.key}: a part of it")
    done = bool(write.answers) or (write.fate == "done" and write.doubts == 1)
    if done and 0 in counts:
        found.add("lost", f"{write.kind} {write.key}")
    undone = write.fate == "not done" and write.doubts == 1
    if not done and counts != {0} and (undone or write.refusals):
        found.add("uncalled-for", f"{write.kind} {write.key}")


def _check_answers(write: Write, found: Findings) -> None:
    if not write.answers:
        return
    first = write.answers[0]
    if any(answer.told() != first.told() for answer in write.answers):
        found.add("different", f"{write.kind} {write.key}: repetitions")
    if sum(not answer.replayed for answer in write.answers) > 1:
        found.add("doubled", f"{write.kind} {write.key}: answered as new twice")
    if write.doubts == 0 and all(answer.replayed for answer in write.answers):
        found.add("different", f"{write.kind} {write.key}: the first is called a repetition")
    if write.doubts == 1 and write.fate != "either" and first.replayed != (write.fate == "done"):
        found.add("different", f"{write.kind} {write.key}: {write.fate}, replayed={first.replayed}")


def _check_kept(write: Write, stored: Stored, found: Findings) -> None:
    """The answer is kept if, and only if, the effect is there."""
    kept, there = stored.kept.get(write.key), any(stored.marks[m] for m in write.marks)
    if (kept is not None) != there:
        found.add("torn", f"{write.kind} {write.key}: kept={kept is not None}, there={there}")
    if kept is None or not write.answers:
        return
    tag = None if kept["version"] is None else f'"{kept["version"]}"'
    told = Answer(kept["status"], kept["body"].encode(), tag, kept["location"], False).told()
    if told != write.answers[0].told():
        found.add("different", f"{write.kind} {write.key}: another answer is kept")


def _check_document(write: Write, told: dict[tuple[str, int], Told], found: Findings) -> None:
    """The answer is, byte by byte, what the event of this version tells."""
    answer = write.answers[0]
    place = answer.location or write.path.removesuffix("/add-tags")
    version = int((answer.etag or '"0"').strip('"'))
    event = told.get((place.rpartition("_")[2], version))
    if event is None:
        found.add("gaps", f"{write.kind} {write.key}: no event of {place} {version}")
    elif (event.data or "").encode() != answer.body or not event.marks().issuperset(write.marks):
        found.add("different", f"{write.kind} {write.key}: the event tells otherwise")


def _check_versions(stored: Stored, found: Findings) -> None:
    """Of each record versions 1 to n, and the last one is how it is."""
    told = stored.by_object()
    found.add_all(
        "gaps", (f"record {id} without events" for id in stored.records if id not in told)
    )
    for id, events in told.items():
        record = stored.records.get(id)
        versions = [event.version for event in events]
        if versions != list(range(1, len(versions) + 1)):
            found.add("gaps", f"record {id}: versions {versions[:20]}")
        if record is None or record["version"] != versions[-1]:
            found.add("lost", f"record {id} is not at version {versions[-1]}")
        elif not _agrees(record, events):
            found.add("lost", f"record {id} is not as its events say")


def _agrees(record: Record, events: list[Told]) -> bool:
    """The name is the last one, and no tag has gone: nobody has removed any."""
    names = [name for event in events for name in event.names()]
    tags = {tag for event in events for tag in event.tags()}
    return record["name"] == names[-1] and set(record["tags"]) == tags
