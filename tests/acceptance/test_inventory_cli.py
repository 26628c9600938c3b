"""The inventory as a provider's officer runs it; a PSD's life as the provider's books tell it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from franking.provider.books import open_books
from franking.rules.permissions import Role
from franking.storage import Actor
from tests.fixtures_home import Program, Told, franking, funded_home
from tests.fixtures_inventory import MODEL, approve

__all__ = ["franking", "funded_home"]


@pytest.fixture
def with_model(franking: Program) -> Program:
    """A home whose provider has an approved model of meters."""
    books = Path(os.environ["FRANKING_HOME"]) / "provider" / "books.sqlite3"
    opened = open_books(books, by=Actor("Lee Park", Role.PROVIDER_AGENT))
    approve(opened, MODEL, "meter-1995")
    opened.close()
    return franking


def done(told: Told) -> Told:
    assert told.status == 0, told.out + told.err
    return told


@pytest.mark.duty("R95-501.22(k)-1")
def test_history_tells_what_a_psd_signed_and_what_people_reported(franking: Program) -> None:
    done(franking("device", "withdraw", "office", "--reason", "unwanted"))
    told = done(franking("device", "history", "office", "--json")).data
    assert told["state"] == "checked out"
    words = {
        line["text"].split(":")[0]: line["source"]
        for line in told["history"]
        if line["what"] == "movement"
    }
    assert words == {
        "produced": "signed",
        "produced → key initialized": "signed",
        "key initialized → inspected": "reported",
        "inspected → checked in": "reported",
        "checked in → issued": "reported",
        "issued → in service": "signed",
        "in service → checked out": "signed",
    }
    readings = [line for line in told["history"] if line["what"] == "reading"]
    assert {line["source"] for line in readings} == {"signed"}
    shown = done(franking("device", "history", told["serial"])).out
    assert "$50.00" in shown
    assert "reported" in shown
    assert franking("device", "history", "NOBODY", "--json").refusal == "DEVICE_NOT_IN_INVENTORY"


@pytest.mark.duty("R97-502.21(f)-1")
def test_a_denied_device_gets_no_reset_and_is_told_every_clause(franking: Program) -> None:
    serial = done(franking("device", "show", "office", "--json")).data["device_id"]
    done(franking("inventory", "defective", serial, "--defect", "prints a blank"))
    told = franking("device", "reset", "office", "--amount", "5.00", "--json")
    assert told.refusal == "RESET_DENIED"
    assert "39 CFR 502.21(f) (1997)" in told.data["refused"]["detail"]
    duties = done(franking("device", "history", serial, "--json")).data["history"]
    due = [line["text"] for line in duties if line["text"].startswith("retrieve defective")]
    assert due == ["retrieve defective device, owed by provider, due 2025-09-05: open"]


def test_a_meter_from_intake_to_stock(with_model: Program) -> None:
    run = with_model
    intake = ["inventory", "intake", "0100000001", "--model", MODEL, "--set-by-office"]
    done(run(*intake))
    assert run(*intake, "--json").refusal == "SERIAL_TAKEN"
    done(run("inventory", "inspect", "0100000001", "--inspector", "R. Moss", "--finding", "true"))
    shipped = ["inventory", "ship", "R1", "--serial", "0100000001", "--from=Works", "--to=Desk"]
    refused = run(*shipped, "--service", "Van Lines", "--json")
    assert refused.refusal == "CARRIER_NOT_PERMITTED"
    done(run(*shipped, "--service", "Registered Mail"))
    done(run("inventory", "receive", "R1", "--by", "Desk"))
    check_in = ["inventory", "check-in", "0100000001", "--checked-by=P. Clerk", "--place=1 Main"]
    told = run(*check_in, "--signed-by", "Lee Park", "--json")
    assert told.refusal == "DEVICE_UNLEASED"
    found = done(run("inventory", "find", "--state", "inspected", "--json")).data
    assert [one["serial"] for one in found] == ["0100000001"]
    told = run("inventory", "open-records", "0100000001", "--json", "--as", "postal inspector:Ames")
    assert done(told).data["serial"] == "0100000001"
    told = run("inventory", "open-records", "0100000001", "--json", "--as", "mailer:Acme")
    assert told.refusal == "NOT_PERMITTED"


def test_a_fleet_file_is_checked_imported_and_reported(with_model: Program) -> None:
    run = with_model
    fleet = Path("fleet.csv")
    fleet.write_text(f"serial,kind,rulebook,model\n1,meter,meter-1995,{MODEL}\n2,cup,x,y\n")
    told = done(run("inventory", "import", fleet, "--dry-run", "--report", "bad.csv", "--json"))
    assert (told.data["found"], [bad["line"] for bad in told.data["bad"]]) == (2, [3])
    assert Path("bad.csv").read_text().splitlines()[0] == "line,serial,reason"
    refused = run("inventory", "import", fleet, "--json")
    assert refused.refusal == "FLEET_HAS_BAD_ROWS"
    fleet.write_text(f"serial,kind,rulebook,model\n1,meter,meter-1995,{MODEL}\n")
    assert done(run("inventory", "import", fleet, "--json")).data["imported"] == 1
    assert "imported before" in done(run("inventory", "import", fleet)).out
    refused = run("inventory", "import", fleet, "--report", "no/such/folder/x.csv", "--json")
    assert refused.refusal == "REPORT_UNWRITABLE"
    assert "serial" in done(run("inventory", "columns")).out


def test_the_registers_of_articles_and_test_prints(with_model: Program) -> None:
    run = with_model
    done(run("inventory", "intake", "0100000001", "--model", MODEL))
    done(run("inventory", "register-article", "die", "D1", "D2"))
    done(run("inventory", "move-article", "die", "D1", "--to=assembled", "--device=0100000001"))
    assert done(run("inventory", "unaccounted", "--json")).data["dies"] == ["D2"]
    destroy = ["inventory", "destroy-article", "die", "D2", "--destroyed-by=A", "--detail=sawn"]
    told = run(*destroy, "--witnessed-by=a", "--json")
    assert told.refusal == "TWO_PEOPLE_WANTED"
    done(run(*destroy, "--witnessed-by=B"))
    told = done(run("inventory", "article", "die", "D2", "--json"))
    assert told.data[-1]["witnesses"] == "A; B"
    done(run("inventory", "test-prints", "works", "--count", "3", "--serial", "0100000001"))
    burn = ["inventory", "destroy-test-prints", "works", "--destroyed-by=A", "--witnessed-by=B"]
    assert run(*burn, "--count", "2", "--json").refusal == "IMPRESSIONS_UNCOUNTED"
    done(run(*burn, "--count", "3"))


def test_a_fleet_is_imported_under_licences_in_force_only(with_model: Program) -> None:
    office = ("--zip=01101", "--city=Springfield", "--state=MA")
    issued = ("licence", "issue", "--name=Acme", "--address=1 Main St", *office)
    licence = done(with_model(*issued, "--json")).data["licence"]
    head = "serial,kind,rulebook,model,state,licence,lease,office,installed_on\n"
    row = "{},meter,meter-1995,{},in service,{},{}/L1,01101,1996-03-01\n"
    fleet = Path("fleet.csv")
    fleet.write_text(head + row.format("1", MODEL, "01101-000099", "01101-000099"))
    told = done(with_model("inventory", "import", fleet, "--dry-run", "--json")).data
    assert [bad["reason"].partition(" is not")[0] for bad in told["bad"]] == [
        "licence 01101-000099"
    ]
    assert with_model("inventory", "import", fleet, "--json").refusal == "FLEET_HAS_BAD_ROWS"
    fleet.write_text(head + row.format("1", MODEL, licence, licence))
    assert done(with_model("inventory", "import", fleet, "--json")).data["imported"] == 1
