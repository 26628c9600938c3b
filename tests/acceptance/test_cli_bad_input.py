"""What people type that can not be meant: each refused by name, and nothing is charged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures_cli import DEVICE, FUNDED_MILLS, Program, program

__all__ = ["program"]

EVIDENCE = ("device", "evidence", DEVICE)


def refused_at_no_cost(program: Program, *arguments: object) -> dict[str, str]:
    """The refusal; the device is as it was before, and says what to do in words, too."""
    before = program.store().read_bytes()
    told = program.refused(*arguments)
    in_words = program.run(*arguments)
    assert in_words.status == 2
    assert in_words.out == ""
    assert told["code"] in in_words.err
    assert " ".join(told["remedy"].split()[:3]) in in_words.err
    assert program.show()["descending_mills"] == FUNDED_MILLS
    assert program.store().read_bytes() == before
    return told


@pytest.mark.parametrize(
    ("postage", "code", "clause"),
    [
        ("0", "POSTAGE_MUST_BE_POSITIVE", "DMM P050.1.5 (1997)"),
        ("0.000", "POSTAGE_MUST_BE_POSITIVE", "DMM P050.1.5 (1997)"),
        ("-0.32", "POSTAGE_MUST_BE_POSITIVE", "DMM P050.1.5 (1997)"),
        ("50.01", "EXCEEDS_DESCENDING", "39 CFR 501.6(c) (1995)"),
        ("50.001", "EXCEEDS_DESCENDING", "39 CFR 501.6(c) (1995)"),
        ("16777.216", "POSTAGE_TOO_HIGH", "39 CFR 502.9(a) (1997)"),
        ("999999999999.999", "POSTAGE_TOO_HIGH", "39 CFR 502.9(a) (1997)"),
        *(
            (garbage, "AMOUNT_UNREADABLE", "policy")
            for garbage in (
                "0.3201",
                "abc",
                "",
                " ",
                "1e2",
                "0x20",
                "1,00",
                "nan",
                "inf",
                "--5",
                "1.2.3",
                "٣",
                "9" * 400,
            )
        ),
    ],
)
@pytest.mark.duty("R95-501.6(c)-3")
def test_postage_that_can_not_be_printed(
    program: Program, postage: str, code: str, clause: str
) -> None:
    asked = (*EVIDENCE, f"--postage={postage}", "--request-id", "bad")
    told = refused_at_no_cost(program, *asked)
    assert (told["code"], told["clause"]) == (code, clause)


@pytest.mark.parametrize(
    ("date", "code"),
    [
        ("2027-02-28", "DATE_PAST"),
        ("1997-01-01", "DATE_PAST"),
        ("2027-04-15", "DATE_TOO_FAR_AHEAD"),
        ("9999-12-31", "DATE_TOO_FAR_AHEAD"),
        ("2027-02-29", "TIME_UNREADABLE"),
        ("2027-13-01", "TIME_UNREADABLE"),
        ("tomorrow", "TIME_UNREADABLE"),
        ("03/01/2027", "TIME_UNREADABLE"),
    ],
)
@pytest.mark.duty("R97-P050.4.7-1")
def test_dates_on_which_no_piece_is_mailed(program: Program, date: str, code: str) -> None:
    asked = (*EVIDENCE, "--postage", "1", "--request-id", "bad", "--date", date)
    assert refused_at_no_cost(program, *asked)["code"] == code


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        ("2050O", "INDICIUM_FIELD_OUT_OF_RANGE"),
        ("WASHINGTON", "INDICIUM_FIELD_OUT_OF_RANGE"),
        ("1234", "INDICIUM_FIELD_OUT_OF_RANGE"),
        ("123456", "INDICIUM_FIELD_OUT_OF_RANGE"),
        ("205000001001", "INDICIUM_FIELD_OUT_OF_RANGE"),
        ("٢٠٥٠٠", "INDICIUM_FIELD_OUT_OF_RANGE"),
        ("00000", "ZIP_PREFIX_UNKNOWN"),
    ],
)
def test_destinations_that_are_no_delivery_point(
    program: Program, destination: str, code: str
) -> None:
    asked = (*EVIDENCE, "--postage", "1", "--request-id", "bad", "--destination", destination)
    assert refused_at_no_cost(program, *asked)["code"] == code


@pytest.mark.parametrize("request_id", ["", " ", "a b", "é", "x" * 65, "x" * 100_000, "a\nb", "\0"])
def test_request_ids_that_name_nothing(program: Program, request_id: str) -> None:
    asked = (*EVIDENCE, "--postage", "1", "--request-id", request_id)
    assert refused_at_no_cost(program, *asked)["code"] == "REQUEST_UNREADABLE"


@pytest.mark.parametrize("category", ["ABCDE", "é", "a\tb"])
def test_rate_categories_that_do_not_fit(program: Program, category: str) -> None:
    asked = (*EVIDENCE, "--postage", "1", "--request-id", "bad", "--rate-category", category)
    assert refused_at_no_cost(program, *asked)["code"] == "INDICIUM_FIELD_OUT_OF_RANGE"


def test_a_request_id_names_one_piece_only(program: Program) -> None:
    first = program.evidence("letter", "--destination", "20500")
    assert program.evidence("letter", "--destination", "20500") == first
    for other in (("--destination", "20501"), ("--rate-category", "A1"), ("--date", "2027-03-02")):
        asked = (*EVIDENCE, "--postage", "1.00", "--request-id", "letter", *other)
        assert program.refused(*asked)["code"] == "REQUEST_ID_USED"
    assert program.show()["descending_mills"] == FUNDED_MILLS - 1000


@pytest.mark.parametrize(
    ("out", "code"),
    [
        ("piece.doc", "OUTPUT_FORMAT_UNKNOWN"),
        ("piece", "OUTPUT_FORMAT_UNKNOWN"),
        ("/proc/piece.png", "OUTPUT_NOT_WRITTEN"),
        ("home/home.json/piece.png", "OUTPUT_NOT_WRITTEN"),
        ("folder.png", "OUTPUT_NOT_WRITTEN"),
    ],
)
def test_places_that_a_piece_can_not_be_drawn_to(program: Program, out: str, code: str) -> None:
    Path("folder.png").mkdir()
    asked = (*EVIDENCE, "--postage", "1", "--request-id", "bad", "--out", out)
    assert refused_at_no_cost(program, *asked)["code"] == code


@pytest.mark.parametrize("dpi", ["0", "-300", "1000000", "many"])
def test_resolutions_that_no_printer_has(program: Program, dpi: str) -> None:
    asked = (*EVIDENCE, "--postage", "1", "--request-id", "bad", "--out", "x.png", "--dpi", dpi)
    assert program.refused(*asked)["code"] == "USAGE"
    assert program.show()["descending_mills"] == FUNDED_MILLS


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "AMOUNT_MUST_BE_POSITIVE"),
        ("-50", "AMOUNT_MUST_BE_POSITIVE"),
        ("450.001", "CREDIT_ABOVE_LIMIT"),
        ("999999999999", "CREDIT_ABOVE_LIMIT"),
        ("fifty", "AMOUNT_UNREADABLE"),
        ("10.0001", "AMOUNT_UNREADABLE"),
    ],
)
@pytest.mark.duty("R97-P050.3.6-1")
def test_amounts_that_no_device_is_set_with(program: Program, amount: str, code: str) -> None:
    asked = ("device", "reset", DEVICE, f"--amount={amount}")
    assert refused_at_no_cost(program, *asked)["code"] == code
    assert program.json("device", "reset", DEVICE, "--amount", "450")["descending_mills"] == 500_000


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--zip", "00000"), "ZIP_PREFIX_UNKNOWN"),
        (("--zip", "2026"), "APPLICATION_INCOMPLETE"),
        (("--zip", "2O26O"), "APPLICATION_INCOMPLETE"),
        (("--zip", "20260-0001"), "APPLICATION_INCOMPLETE"),
        (("--zip", "20260", "--state", "DC"), "APPLICATION_INCOMPLETE"),
        (
            ("--zip", "60601", "--city", "Washington", "--state", "DC"),
            "ZIP_CONTRADICTS_STATE",
        ),
        (("--zip", "20260", "--city", "Washington", "--state", "XX"), "STATE_UNKNOWN"),
        (("--zip", "20260", "--licensee", " "), "APPLICATION_INCOMPLETE"),
    ],
)
def test_post_offices_that_license_nobody(
    program: Program, options: tuple[str, ...], code: str
) -> None:
    licences = program.json("licence", "list")
    program.json("device", "create", "second")
    assert program.refused("device", "authorize", "second", *options)["code"] == code
    assert program.json("licence", "list") == licences
    assert program.show("second")["status"] == "initialized"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("device", "create", "../evil"), "DEVICE_NAME_UNFIT"),
        (("device", "create", "a/b"), "DEVICE_NAME_UNFIT"),
        (("device", "create", ""), "DEVICE_NAME_UNFIT"),
        (("device", "create", ".hidden"), "DEVICE_NAME_UNFIT"),
        (("device", "create", "x" * 65), "DEVICE_NAME_UNFIT"),
        (("device", "create", "büro"), "DEVICE_NAME_UNFIT"),
        (("device", "create", DEVICE), "DEVICE_EXISTS"),
        (("device", "create", "b", "--profile", "ibip-2099"), "PROFILE_UNKNOWN"),
        (("device", "create", "b", "--system", "ajar"), "PROFILE_UNKNOWN"),
        (("device", "show", "nobody"), "DEVICE_NOT_THERE"),
        (("device", "authorize", DEVICE, "--zip", "60601"), "STATUS_UNSUITABLE"),
        (("device", "lock", DEVICE, "--cause", ""), "LOCK_CAUSE_UNREADABLE"),
        (("device", "lock", DEVICE, "--cause", "watchdog"), "LOCK_CAUSE_UNREADABLE"),
        (("device", "unlock", DEVICE, "--cause", "nothing"), "LOCK_NOT_ORDERED"),
        (("device", "clear", DEVICE, "--examiner", "A. Clerk"), "STATUS_UNSUITABLE"),
        (("device", "scrap", DEVICE, "--reason", "old"), "STATUS_UNSUITABLE"),
        (("device", "examine", DEVICE, "--examiner", " ", "--finding", "x"),
         "DEVICE_SOUND"),
        (("device", "passphrase", DEVICE), "ONE_PASSPHRASE_WANTED"),
        (("device", "passphrase", DEVICE, "--new-passphrase-file", "none"),
         "PASSPHRASE_UNREADABLE"),
        (("device", "move-out", DEVICE, "--to", "p", "--passphrase-file", "none"),
         "PASSPHRASE_UNREADABLE"),
        (("home", "show", "--now", "2027-02-29"), "TIME_UNREADABLE"),
        (("home", "show", "--now", "yesterday"), "TIME_UNREADABLE"),
        (("home", "show", "--now", "9999-12-31T23:59"), "TIME_UNREADABLE"),
        (("home", "show", "--now", "0001-01-01"), "TIME_UNREADABLE"),
    ],
)  # fmt: skip
def test_orders_and_names_that_lead_nowhere(
    program: Program, arguments: tuple[str, ...], code: str
) -> None:
    assert refused_at_no_cost(program, *arguments)["code"] == code
    # Nothing is left half way that would bar what follows.
    assert program.json("device", "audit", DEVICE)["status"] == "operational"
    assert program.evidence("after")["descending_mills"] == FUNDED_MILLS - 1000


@pytest.mark.parametrize(
    "arguments",
    [
        ("device",),
        ("device", "bogus", DEVICE),
        ("device", "show"),
        ("device", "show", DEVICE, "--nope"),
        ("device", "show", DEVICE, "another"),
        ("device", "evidence", DEVICE),
        ("device", "evidence", DEVICE, "--postage"),
        ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x", "--symbology", "qr"),
        ("device", "report", DEVICE, "--reason", "boredom"),
        ("device", "journal", DEVICE, "--limit", "0"),
        ("print",),
        ("verify",),
        ("bogus",),
        (),
    ],
)
def test_a_misused_command_is_a_refusal_like_any_other(
    program: Program, arguments: tuple[str, ...]
) -> None:
    told = program.refused(*arguments)
    assert (told["code"], told["clause"]) == ("USAGE", "policy")
    in_words = program.run(*arguments)
    assert in_words.status == 2
    assert "help" in in_words.out + in_words.err


def test_bytes_that_are_no_text_are_refused_in_words(program: Program) -> None:
    for arguments in (
        [b"verify", b"\xff.png"],
        [b"device", b"show", b"\xff"],
        [b"device", b"evidence", b"office", b"--postage", b"1", b"--request-id", b"\xff"],
        [b"print", b"\xff.csv"],
    ):
        done = subprocess.run(
            [Path(sys.executable).parent / "franking", *arguments],
            env={**os.environ, "FRANKING_HOME": str(program.home)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert b"Traceback" not in done.stderr + done.stdout
    assert program.show()["descending_mills"] == FUNDED_MILLS


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_names_and_terminals_that_know_no_signs(program: Program, more: tuple[str, ...]) -> None:
    piece = os.fsdecode(b"\xff.png")
    program.evidence("x", "--out", piece)
    done = subprocess.run(
        [Path(sys.executable).parent / "franking", "verify", piece, *more],
        env={**os.environ, "FRANKING_HOME": str(program.home), "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    if more:
        assert json.loads(done.stdout)[0]["file"] == piece
    else:
        assert b"AUTHENTIC" in done.stdout


def test_a_pipe_that_closes_early_is_no_fault(program: Program) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{Path(sys.executable).parent}/franking rules list | head -c 10"],
        env={**os.environ, "FRANKING_HOME": str(program.home)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == ""
