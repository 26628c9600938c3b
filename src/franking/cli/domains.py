"""The two domains whose books a command of the docket can be about, chosen by ``--domain``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from franking.cli.command import Desk
from franking.docket import Docket, SweepReport
from franking.docket.explaining import Explainer
from franking.messages.signing import Signer
from franking.postal import holds as postal_holds
from franking.postal import schema as postal_schema
from franking.postal import sweeping as postal_sweeping
from franking.provider import holds as provider_holds
from franking.provider import schema as provider_schema
from franking.provider import sweeping as provider_sweeping
from franking.rules.permissions import Role
from franking.storage import Books


class Side(StrEnum):
    """Whose books."""

    PROVIDER = "provider"
    POSTAL = "postal"


DomainOption = Annotated[Side, typer.Option(help="Whose books: the provider's or the Postal's.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocketPlace:
    """The docket of one domain, opened for whoever acts."""

    books: Books
    docket: Docket
    signer: Signer
    sweep: Callable[..., SweepReport]
    explainers: Sequence[Explainer]


def side(desk: Desk, domain: Side) -> DocketPlace:
    """The docket of ``domain``.

    Raises:
        Refused: ``ROLE_UNKNOWN``, or what opening refuses.
    """
    if domain is Side.PROVIDER:
        return DocketPlace(
            books=desk.provider_books(Role.PROVIDER_AGENT),
            docket=provider_schema.DOCKET,
            signer=desk.home.provider.signer,
            sweep=provider_sweeping.sweep_docket,
            explainers=provider_holds.EXPLAINERS,
        )
    return DocketPlace(
        books=desk.postal_books(Role.LICENSING_OFFICER),
        docket=postal_schema.DOCKET,
        signer=desk.home.postal.signer,
        sweep=postal_sweeping.sweep_docket,
        explainers=postal_holds.EXPLAINERS,
    )
