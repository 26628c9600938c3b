"""The routes of DMM 604.9 (2008), and how value came back before it. One table; pure.

Who asks whom, with what evidence, by which clock, who decides and how it is paid: a route is one
entry. What the documents do not print (9.3.2f and g, the rest of 9.3.6) is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from franking.refunds.records import (
    Clock,
    Decider,
    Evidence,
    EvidenceKind,
    Manner,
    Payout,
    Requester,
    Route,
    RouteKind,
)

_K = EvidenceKind
_A, _B = "DMM 604.9.3.1a (2008)", "DMM 604.9.3.1b (2008)"
_VALUE = "DMM 604.9.3.1 (2008)"
_PIECE = "DMM 604.9.3.2b (2008)"
_FROM_USPS = (Payout.CHECK, Payout.CREDIT, Payout.TRANSFER)
_FROM_PROVIDER = (Payout.PROVIDER, Payout.CREDIT)
_EXAMINED: Final = Evidence(kind=_K.EXAMINATION, clause=_A)
_SUPPORT: Final = Evidence(kind=_K.REGISTER_RECORD, clause="DMM P030.3.7 (1995)", required=False)
_ITEMS: Final = Evidence(kind=_K.ITEMS, clause=_PIECE)

RECONSTRUCTED: Final = Evidence(kind=_K.RECONSTRUCTION, clause=_VALUE)
"""Where the registers of a damaged system cannot be read, or it is not there."""

_ROUTES_2008 = (
    Route(
        kind=RouteKind.METER_VALUE,
        clause=_A,
        decider=Decider.PROVIDER,
        submit_to="your provider, which withdraws and examines the system",
        manner=Manner.NOTICE,
        evidence=(_EXAMINED, _SUPPORT),
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.PC_VALUE,
        clause=_B,
        decider=Decider.PROVIDER,
        submit_to="your provider",
        manner=Manner.NOTICE,
        payouts=(Payout.PROVIDER, Payout.CREDIT, Payout.CHECK),
    ),
    Route(
        kind=RouteKind.FAULTY_VALUE,
        clause=_VALUE,
        decider=Decider.HEADQUARTERS,
        submit_to="your provider, which reports the cause to the Postal Service",
        manner=Manner.NOTICE,
        evidence=(_EXAMINED, Evidence(kind=_K.CAUSE_REPORT, clause=_VALUE), _SUPPORT),
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.DISASTER_VALUE,
        clause=_VALUE,
        decider=Decider.PROVIDER,
        submit_to="your provider",
        manner=Manner.NOTICE,
        evidence=(
            _EXAMINED,
            Evidence(kind=_K.STATEMENT_OF_CAUSE, clause=_VALUE),
            Evidence(kind=_K.NO_INSURANCE, clause=_VALUE),
        ),
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.BALANCE,
        clause="39 CFR 501.28(f) (1995)",
        decider=Decider.LOCKBOX_BANK,
        submit_to="your provider",
        manner=Manner.NOTICE,
        payouts=(Payout.BANK,),
    ),
    Route(
        kind=RouteKind.DATED_METERED,
        clause="DMM 604.9.3.2 (2008)",
        decider=Decider.POSTMASTER,
        submit_to="the local post office",
        manner=Manner.PHYSICAL,
        clock=Clock.DATE_SHOWN,
        limit="physical_refund_days",
        evidence=(Evidence(kind=_K.PROOF_OF_USER, clause="DMM 604.9.3.2a (2008)"), _ITEMS),
        payouts=(Payout.POST_OFFICE,),
        appeal="refund_appeal_route",
        charge=True,
    ),
    Route(
        kind=RouteKind.UNDATED_METERED,
        clause="DMM 604.9.3.4 (2008)",
        decider=Decider.BUSINESS_MAIL_ENTRY,
        submit_to="the manager, business mail entry, of the district, or the written designee",
        manner=Manner.PHYSICAL,
        requesters=(Requester.AUTHORIZED_USER, Requester.COMMERCIAL_PREPARER),
        evidence=(
            Evidence(kind=_K.SIGNED_LETTER, clause="DMM 604.9.3.4a (2008)"),
            Evidence(kind=_K.ITEMS, clause="DMM 604.9.3.4c (2008)"),
        ),
        payouts=(Payout.POST_OFFICE,),
        appeal="refund_appeal_route_undated",
    ),
    Route(
        kind=RouteKind.PC_ELECTRONIC,
        clause="DMM 604.9.3.3b (2008)",
        decider=Decider.PROVIDER,
        submit_to="your provider, electronically only",
        manner=Manner.ELECTRONIC,
        clock=Clock.PRINTING,
        limit="electronic_refund_days",
        evidence=(Evidence(kind=_K.ELECTRONIC_REQUEST, clause="DMM 604.9.3.3b (2008)"),),
        payouts=_FROM_PROVIDER,
        appeal="refund_appeal_route_pc",
    ),
    Route(
        kind=RouteKind.PC_PHYSICAL,
        clause="DMM 604.9.3.3c (2008)",
        decider=Decider.PROVIDER,
        submit_to="your provider, with the items",
        manner=Manner.PHYSICAL,
        clock=Clock.DATE_SHOWN,
        limit="physical_refund_days",
        evidence=(Evidence(kind=_K.ITEMS, clause="DMM 604.9.3.3c (2008)"),),
        payouts=_FROM_PROVIDER,
        appeal="refund_appeal_route_pc",
    ),
    Route(
        kind=RouteKind.UNDATED_PC,
        clause="DMM 604.9.3.5 (2008)",
        decider=Decider.PROVIDER,
        submit_to="your provider, with the items",
        manner=Manner.PHYSICAL,
        evidence=(
            Evidence(kind=_K.NARRATIVE, clause="DMM 604.9.3.5 (2008)"),
            Evidence(kind=_K.ITEMS, clause="DMM 604.9.3.3c (2008)"),
        ),
        payouts=_FROM_PROVIDER,
        appeal="refund_appeal_route_pc",
        denied_by_default=True,
    ),
)

_ROUTES_1995 = (
    Route(
        kind=RouteKind.METER_VALUE,
        clause="DMM P030.3.7 (1995)",
        decider=Decider.POSTMASTER,
        submit_to="the licensing post office, which examines the meter",
        manner=Manner.NOTICE,
        evidence=(Evidence(kind=_K.EXAMINATION, clause="DMM P030.3.7 (1995)"), _SUPPORT),
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.FAULTY_VALUE,
        clause="DMM P030.3.8 (1995)",
        decider=Decider.POSTMASTER,
        submit_to="the manufacturer, which recommends an adjustment",
        manner=Manner.NOTICE,
        evidence=(
            Evidence(kind=_K.DEVICE, clause="DMM P030.3.8 (1995)"),
            Evidence(kind=_K.CAUSE_REPORT, clause="DMM P030.3.8 (1995)"),
            _SUPPORT,
        ),
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.BALANCE,
        clause="DMM P030.3.13 (1995)",
        decider=Decider.LOCKBOX_BANK,
        submit_to="the manufacturer",
        manner=Manner.NOTICE,
        payouts=(Payout.BANK,),
    ),
)

_P050 = "DMM P050.3.3 (1997)"
_THREE = (
    Evidence(kind=_K.WRITTEN_REQUEST, clause=_P050),
    Evidence(kind=_K.DEVICE, clause=_P050),
    Evidence(kind=_K.REGISTER_RECORD, clause=_P050),
)
_ROUTES_1997 = (
    Route(
        kind=RouteKind.METER_VALUE,
        clause=_P050,
        decider=Decider.HEADQUARTERS,
        submit_to="the Provider, with the PSD",
        manner=Manner.NOTICE,
        evidence=_THREE,
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.PC_VALUE,
        clause=_P050,
        decider=Decider.HEADQUARTERS,
        submit_to="the Provider, with the PSD",
        manner=Manner.NOTICE,
        evidence=_THREE,
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.FAULTY_VALUE,
        clause="DMM P050.2.4 (1997)",
        decider=Decider.HEADQUARTERS,
        submit_to="the Provider, which bears losses of a malfunction",
        manner=Manner.NOTICE,
        evidence=(*_THREE, Evidence(kind=_K.CAUSE_REPORT, clause="39 CFR 502.21(f) (1997)")),
        payouts=_FROM_USPS,
    ),
    Route(
        kind=RouteKind.BALANCE,
        clause=_P050,
        decider=Decider.LOCKBOX_BANK,
        submit_to="the Provider",
        manner=Manner.NOTICE,
        payouts=(Payout.BANK,),
    ),
)

ROUTES: Final[Mapping[str, Mapping[RouteKind, Route]]] = MappingProxyType(
    {
        book: MappingProxyType({route.kind: route for route in routes})
        for book, routes in {
            "meter-1995": _ROUTES_1995,
            "ibip-1997": _ROUTES_1997,
            "refunds-2007": _ROUTES_2008,
            "refunds-2008": _ROUTES_2008,
        }.items()
    }
)
"""Every route, by rulebook and kind. The draft of 2007 had the same routes for value."""
