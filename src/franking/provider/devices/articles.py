"""The registers of keys, dies, seals and setting equipment (39 CFR 501.17, .20, .22(n), 1995).

Every key is known with its holder, its losses and recoveries; every die is in a meter or proved
destroyed; seals come from the Postal Service only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import insert, select, update

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.applications import one_spelling
from franking.provider.devices import rows as inventory
from franking.provider.devices.article_records import (
    ARTICLE_TRANSITIONS,
    UNACCOUNTED,
    Article,
    ArticleEvent,
    ArticleKind,
    ArticleMove,
    ArticleState,
    Holder,
    HolderKind,
)
from franking.provider.devices.article_tables import ARTICLE_EVENTS, ARTICLES
from franking.provider.devices.tables import INVENTORY
from franking.storage import Act, Books, Reading, Work

_DIES = "39 CFR 501.17 (1995)"
_KEYS = "39 CFR 501.22(n) (1995)"
_EQUIPMENT = "39 CFR 501.20 (1995)"
_CLAUSES = {
    ArticleKind.DIE: _DIES,
    ArticleKind.KEY: _KEYS,
    ArticleKind.SEAL: _EQUIPMENT,
    ArticleKind.SETTING_EQUIPMENT: _EQUIPMENT,
}
SEALS_COME_FROM: str = "Postal Service"
_TOLD = frozenset({ArticleState.LOST, ArticleState.STOLEN, ArticleState.RECOVERED})

ARTICLE_UNKNOWN = Refusal(
    "ARTICLE_UNKNOWN",
    clause=_KEYS,
    remedy="Check the number, or register the article.",
    http_status=404,
)
ARTICLE_REGISTERED = Refusal(
    "ARTICLE_REGISTERED",
    clause=_KEYS,
    remedy="Check the number: each is given once.",
)
ARTICLE_MOVE_UNSUITABLE = Refusal(
    "ARTICLE_MOVE_UNSUITABLE",
    clause=_DIES,
    remedy="See where the article is: franking inventory article.",
)
HOLDER_UNAUTHORIZED = Refusal(
    "HOLDER_UNAUTHORIZED",
    clause=_EQUIPMENT,
    remedy="Issue it to a post office or to a section that needs it; to nobody else.",
    http_status=403,
)
SEAL_OF_ANOTHER_SOURCE = Refusal(
    "SEAL_OF_ANOTHER_SOURCE",
    clause=_EQUIPMENT,
    remedy="Use seals that the Postal Service handed out.",
    http_status=403,
)
DETAIL_MISSING = Refusal(
    "DETAIL_MISSING",
    clause=_KEYS,
    remedy="Give the place and the details.",
    http_status=422,
)
TWO_PEOPLE_WANTED = Refusal(
    "TWO_PEOPLE_WANTED",
    clause="policy",
    remedy="Name two different people: one who destroys, one who watches.",
    http_status=422,
)


def register(
    books: Books, kind: ArticleKind, numbers: Iterable[str], *, source: str, now: datetime
) -> list[Article]:
    """Register articles as made, or as received; all of them or none.

    Raises:
        Refused: ``ARTICLE_REGISTERED``, ``SEAL_OF_ANOTHER_SOURCE``.
    """
    if kind is ArticleKind.SEAL and source != SEALS_COME_FROM:
        raise SEAL_OF_ANOTHER_SOURCE.because(f"from {source!r}")
    articles = [Article(kind=kind, number=number, source=source) for number in numbers]
    with books.work(now, "register_article", on=[_record(each) for each in articles]) as work:
        for article in articles:
            if find(work, kind, article.number) is not None:
                raise ARTICLE_REGISTERED.because(f"{kind} {article.number}")
            work.write(insert(ARTICLES).values(_columns(article)))
            _note(work, article, ArticleMove(to=article.state, detail=source), "", now)
    return articles


def move_article(
    books: Books, kind: ArticleKind, number: str, move: ArticleMove, *, now: datetime
) -> Article:
    """Issue, assemble, remove, miss or recover an article; destruction takes two people.

    Raises:
        Refused: ``ARTICLE_UNKNOWN``, ``ARTICLE_MOVE_UNSUITABLE``, ``HOLDER_UNAUTHORIZED``,
            ``DETAIL_MISSING``.
    """
    with books.work(now, "move_article", on=(record_id(kind, number),)) as work:
        before = _require(work, kind, number)
        if move.to is ArticleState.DESTROYED:
            raise TWO_PEOPLE_WANTED.because(f"{kind} {number} is to be destroyed")
        after = _moved(work, before, move)
        _change(work, before, after, move, now)
    return after


def destroy_article(
    books: Books,
    kind: ArticleKind,
    number: str,
    *,
    destroyed_by: str,
    witnessed_by: str,
    detail: str,
    now: datetime,
) -> Article:
    """Mutilate or destroy an article, so that nobody can use it, before a witness.

    Raises:
        Refused: ``ARTICLE_UNKNOWN``, ``ARTICLE_MOVE_UNSUITABLE``, ``TWO_PEOPLE_WANTED``,
            ``DETAIL_MISSING``.
    """
    require_two(destroyed_by, witnessed_by)
    if not detail.strip():
        raise DETAIL_MISSING.because("how it was destroyed is not said")
    with books.work(now, "destroy_article", on=(record_id(kind, number),)) as work:
        before = _require(work, kind, number)
        move = ArticleMove(to=ArticleState.DESTROYED, detail=detail)
        after = _moved(work, before, move)
        _change(work, before, after, move, now, witnesses=f"{destroyed_by}; {witnessed_by}")
    return after


def require_two(destroyed_by: str, witnessed_by: str) -> None:
    """Whether two different people stand for a destruction.

    Raises:
        Refused: ``TWO_PEOPLE_WANTED``.
    """
    first, second = one_spelling(destroyed_by), one_spelling(witnessed_by)
    if not first or not second or first == second:
        raise TWO_PEOPLE_WANTED.because(f"{destroyed_by!r} and {witnessed_by!r}")


def find(books: Reading, kind: ArticleKind, number: str) -> Article | None:
    """The article of that number."""
    row = books.row(
        select(ARTICLES).where(ARTICLES.c.kind == str(kind), ARTICLES.c.number == number)
    )
    if row is None:
        return None
    state = {"kind": ArticleKind(row.kind), "state": ArticleState(row.state)}
    return Article(**{**row._mapping, **state})


def history(books: Reading, kind: ArticleKind, number: str) -> list[ArticleEvent]:
    """Everything that happened to an article, oldest first."""
    mine = (ARTICLE_EVENTS.c.kind == str(kind)) & (ARTICLE_EVENTS.c.article == number)
    found = books.rows(select(ARTICLE_EVENTS).where(mine).order_by(ARTICLE_EVENTS.c.event))
    names = ArticleEvent.__dataclass_fields__
    return [ArticleEvent(**{name: row._mapping[name] for name in names}) for row in found]


def apply_seal(work: Work, number: str, *, serial: str, by: str, now: datetime) -> None:
    """Put a security seal of the Postal Service on a device that is checked in.

    Raises:
        Refused: ``ARTICLE_UNKNOWN``, ``ARTICLE_MOVE_UNSUITABLE``.
    """
    before = _require(work, ArticleKind.SEAL, number)
    move = ArticleMove(to=ArticleState.ASSEMBLED, device=serial, detail=f"sealed by {by}")
    _change(work, before, _moved(work, before, move), move, now)


def dies_in(books: Reading, serial: str) -> list[str]:
    """The numbered dies that are in a device."""
    table = ARTICLES.c
    query = select(table.number).where(table.kind == str(ArticleKind.DIE), table.device == serial)
    return [str(row.number) for row in books.rows(query.order_by(table.number))]


def unaccounted_dies(books: Reading) -> list[str]:
    """The dies that are neither in a meter nor proved destroyed (501.17)."""
    table = ARTICLES.c
    query = select(table.number).where(
        table.kind == str(ArticleKind.DIE), table.state.in_([str(each) for each in UNACCOUNTED])
    )
    return [str(row.number) for row in books.rows(query.order_by(table.number))]


def offices_without_keys(books: Reading) -> list[str]:
    """Post offices at which meters are licensed, to which no key was issued (501.20)."""
    licensed = select(INVENTORY.c.office).where(
        INVENTORY.c.office != "", INVENTORY.c.kind == "meter"
    )
    offices = {str(row.office) for row in books.rows(licensed.distinct())}
    keys = select(ARTICLES.c.holder).where(
        ARTICLES.c.kind == str(ArticleKind.KEY), ARTICLES.c.state == str(ArticleState.ISSUED)
    )
    supplied = {str(row.holder).removeprefix(_OFFICE) for row in books.rows(keys)}
    return sorted(offices - supplied)


_OFFICE = f"{HolderKind.POST_OFFICE} "


def _moved(work: Work, before: Article, move: ArticleMove) -> Article:
    if move.to not in ARTICLE_TRANSITIONS[before.state]:
        raise ARTICLE_MOVE_UNSUITABLE.because(
            f"{before.kind} {before.number} is {before.state}, which {move.to} cannot follow"
        )
    if move.to in _TOLD and not (move.place.strip() and move.detail.strip()):
        raise DETAIL_MISSING.because(f"{before.kind} {before.number} is {move.to}")
    holder = _require_holder(move.holder) if move.to is ArticleState.ISSUED else ""
    device = _require_device(work, move.device) if move.to is ArticleState.ASSEMBLED else ""
    return replace(before, state=move.to, holder=holder, device=device)


def _require_holder(holder: Holder | None) -> str:
    if holder is None or not holder.name.strip():
        raise HOLDER_UNAUTHORIZED.because("no post office and no section is named")
    return f"{holder.kind} {holder.name}"


def _require_device(work: Work, serial: str) -> str:
    if inventory.find(work, serial) is None:
        raise ARTICLE_MOVE_UNSUITABLE.because(f"there is no device {serial!r} to assemble it in")
    return serial


def _require(books: Reading, kind: ArticleKind, number: str) -> Article:
    article = find(books, kind, number)
    if article is None:
        raise ARTICLE_UNKNOWN.because(f"there is no {kind} {number!r}")
    return article


def _change(
    work: Work,
    before: Article,
    after: Article,
    move: ArticleMove,
    now: datetime,
    *,
    witnesses: str = "",
) -> None:
    mine = (ARTICLES.c.kind == str(before.kind)) & (ARTICLES.c.number == before.number)
    columns = {"state": str(after.state), "holder": after.holder, "device": after.device}
    work.write_one(update(ARTICLES).where(mine).values(columns))
    _note(work, after, move, str(before.state), now, witnesses=witnesses)


def _note(
    work: Work,
    article: Article,
    move: ArticleMove,
    before: str,
    now: datetime,
    *,
    witnesses: str = "",
) -> None:
    event = ArticleEvent(
        kind=str(article.kind),
        article=article.number,
        at=instant_text(now),
        before=before,
        after=str(article.state),
        holder=article.holder,
        device=article.device,
        place=move.place,
        detail=move.detail,
        receipt=move.receipt,
        witnesses=witnesses,
    )
    work.write(insert(ARTICLE_EVENTS).values(asdict(event)))
    inputs: dict[str, object] = {"to": str(article.state), "holder": article.holder}
    work.record(Act(record=_record(article), clauses=(_CLAUSES[article.kind],), inputs=inputs))


def _columns(article: Article) -> dict[str, object]:
    return {**asdict(article), "kind": str(article.kind), "state": str(article.state)}


def _record(article: Article) -> str:
    return record_id(article.kind, article.number)
