"""Which unused items are refunded, and how they lie when they are submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.refunds.eligibility import judge, judge_all
from franking.refunds.manifest import manifest
from franking.refunds.records import RULEBOOK, Item, ItemForm, Manner, Route, RouteKind
from franking.refunds.routes import ROUTES

TODAY = date(2009, 2, 2)
ROUTE = ROUTES[RULEBOOK]
GOOD = Item(
    device="FK1A0000000001",
    postage_mills=420,
    ascending_mills=10_420,
    date_shown=TODAY - timedelta(days=3),
    printed_on=TODAY - timedelta(days=3),
)
TRACKED = replace(GOOD, pic="420011019101", pic_service="Confirm", form=ItemForm.DATA)
SIZE = 100


def reasons(
    item: Item, kind: RouteKind = RouteKind.DATED_METERED, manner: Manner | None = None
) -> dict[str, str]:
    judged = judge(item, _route(kind), rulebook=RULEBOOK, filed_on=TODAY, manner=manner)
    return {each.code: each.clause for each in judged.reasons}


def _route(kind: RouteKind) -> Route:
    return ROUTE[kind]


def test_a_good_item_is_refunded_by_every_physical_route() -> None:
    assert reasons(GOOD) == {}
    assert reasons(GOOD, RouteKind.PC_PHYSICAL) == {}
    undated = replace(GOOD, date_shown=None)
    assert reasons(undated, RouteKind.UNDATED_METERED) == {}


@pytest.mark.duty("R08-9.3.2-1", "R08-9.3.3-1", "R08-9.3.4-1")
@pytest.mark.parametrize(
    ("kind", "section"),
    [
        (RouteKind.DATED_METERED, "9.3.2"),
        (RouteKind.PC_PHYSICAL, "9.3.3"),
        (RouteKind.UNDATED_METERED, "9.3.4"),
    ],
)
def test_an_indicium_has_to_be_complete_legible_and_valid(kind: RouteKind, section: str) -> None:
    item = replace(GOOD, complete=False, legible=False, valid=False)
    found = reasons(item, kind)
    assert set(found) == {"NOT_COMPLETE", "NOT_LEGIBLE", "NOT_VALID"}
    assert all(section in clause for clause in found.values())


@pytest.mark.duty("R08-9.3.6d")
def test_an_item_without_its_office_is_ineligible() -> None:
    assert reasons(replace(GOOD, local_office=False)) == {
        "NO_LOCAL_OFFICE": "DMM 604.9.3.6d (2008)"
    }


@pytest.mark.duty("R08-9.3.2d-3", "R08-9.3.2e-1", "R08-9.3.2d-1", "R08-9.3.3c-3")
@pytest.mark.parametrize("kind", [RouteKind.DATED_METERED, RouteKind.PC_PHYSICAL])
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"removed": True}, "REMOVED_FROM_PIECE"),
        ({"fastened": True, "form": ItemForm.LOOSE}, "FASTENED"),
        ({"form": ItemForm.DATA}, "WITHOUT_THE_ITEM"),
    ],
)
def test_how_an_item_is_presented_decides_by_either_physical_route(
    kind: RouteKind, changed: dict[str, object], code: str
) -> None:
    assert set(reasons(replace(GOOD, **changed), kind)) == {code}  # type: ignore[arg-type]


@pytest.mark.duty("R08-9.3.2d-2", "R08-9.3.2e-2")
@pytest.mark.parametrize(
    "item",
    [
        replace(GOOD, form=ItemForm.CONTAINER_PART),
        replace(GOOD, form=ItemForm.PLAIN_PAPER, fastened=True),
        replace(GOOD, form=ItemForm.LOOSE),
    ],
)
def test_part_of_a_box_and_a_label_on_plain_paper_will_do(item: Item) -> None:
    assert reasons(item) == {}


@pytest.mark.duty("R08-9.3.3b-1", "R08-9.3.3b-3", "R08-9.3.3c-1")
def test_a_pic_is_refunded_electronically_and_nothing_else_is() -> None:
    electronic = RouteKind.PC_ELECTRONIC
    assert reasons(TRACKED, electronic) == {}
    assert "ELECTRONIC_ONLY" in reasons(TRACKED, electronic, Manner.PHYSICAL)
    assert set(reasons(GOOD, electronic)) == {"WITHOUT_PIC"}
    assert "PHYSICAL_ONLY" in reasons(GOOD, RouteKind.PC_PHYSICAL, Manner.ELECTRONIC)


@pytest.mark.duty("R08-9.3.2c", "R08-9.3.3c-2", "R08-9.3.3b-2")
@pytest.mark.parametrize(
    ("kind", "field", "last"),
    [
        (RouteKind.DATED_METERED, "date_shown", 60),
        (RouteKind.PC_PHYSICAL, "date_shown", 60),
        (RouteKind.PC_ELECTRONIC, "printed_on", 10),
    ],
)
def test_each_item_has_its_own_last_day(kind: RouteKind, field: str, last: int) -> None:
    base = TRACKED if kind is RouteKind.PC_ELECTRONIC else GOOD
    items = [
        replace(base, **{field: TODAY - timedelta(days=days)})  # type: ignore[arg-type]
        for days in (0, last, last + 1)
    ]
    judged = judge_all(items, ROUTE[kind], rulebook=RULEBOOK, filed_on=TODAY)
    assert [each.is_eligible for each in judged] == [True, True, False]
    assert [each.code for each in judged[-1].reasons] == ["TOO_LATE"]


def test_two_clocks_tick_on_one_indicium() -> None:
    postdated = replace(
        TRACKED, printed_on=TODAY - timedelta(days=11), date_shown=TODAY + timedelta(days=19)
    )
    assert "TOO_LATE" in reasons(postdated, RouteKind.PC_ELECTRONIC)
    untracked = replace(postdated, pic="", form=ItemForm.LOOSE)
    assert reasons(untracked, RouteKind.PC_PHYSICAL) == {}


def test_a_day_that_nobody_told_is_a_reason_and_not_a_guess() -> None:
    assert set(reasons(replace(GOOD, date_shown=None))) == {"DAY_UNKNOWN"}
    assert set(reasons(replace(TRACKED, printed_on=None), RouteKind.PC_ELECTRONIC)) == {
        "DAY_UNKNOWN"
    }


@pytest.mark.parametrize("mills", [0, -420])
def test_an_item_without_postage_is_worth_nothing(mills: int) -> None:
    assert set(reasons(replace(GOOD, postage_mills=mills))) == {"NO_POSTAGE"}


@pytest.mark.duty("R08-9.3.2b-1", "R08-9.3.2b-2")
def test_items_lie_by_device_and_value_in_bundles_of_a_hundred() -> None:
    other = replace(GOOD, device="FK1A0000000002")
    dear = replace(GOOD, postage_mills=1_000)
    listed = manifest([other, dear, *[GOOD] * 250], RULEBOOK, TODAY)
    assert [(each.number, each.device[-1], each.postage_mills) for each in listed.bundles] == [
        (1, "1", 420),
        (2, "1", 420),
        (3, "1", 420),
        (4, "1", 1_000),
        (5, "2", 420),
    ]
    assert [(each.pieces, each.is_full) for each in listed.bundles] == [
        (SIZE, True),
        (SIZE, True),
        (50, False),
        (1, False),
        (1, False),
    ]
    assert listed.total_mills == 250 * 420 + 420 + 1_000


@given(
    st.lists(
        st.builds(
            replace,
            st.just(GOOD),
            device=st.sampled_from(["FK1A0000000001", "FK1A0000000002"]),
            postage_mills=st.sampled_from([290, 420]),
        ),
        max_size=450,
    )
)
@pytest.mark.duty("R08-9.3.2b-1")
def test_a_manifest_loses_nothing_and_is_sorted(items: list[Item]) -> None:
    listed = manifest(items, RULEBOOK, TODAY)
    keys = [(each.device, each.postage_mills) for each in listed.bundles]
    assert keys == sorted(keys)
    assert sum(each.pieces for each in listed.bundles) == listed.pieces == len(items)
    assert sum(each.total_mills for each in listed.bundles) == listed.total_mills
    loose = [key for key, each in zip(keys, listed.bundles, strict=True) if not each.is_full]
    assert len(loose) == len(set(loose))
