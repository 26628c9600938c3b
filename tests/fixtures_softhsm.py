"""A real SoftHSM2 in a temporary folder: tokens are made, carried off and brought back."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from franking.psd.vault.pkcs11 import Pkcs11Vault, softhsm_library

PIN = "135790"
_numbers = count(1)


@cache
def softhsm_folder() -> Path:
    """The folder of this process's SoftHSM2; its library reads the setting when it is loaded."""
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    (folder / "tokens").mkdir()
    settings = (f"directories.tokendir = {folder / 'tokens'}", "objectstore.backend = file")
    (folder / "softhsm2.conf").write_text("\n".join((*settings, "log.level = ERROR", "")))
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    return folder


def fresh_token() -> str:
    """The label of a new, initialised token without keys."""
    folder, label = softhsm_folder(), f"token {next(_numbers)}"
    command = [
        _tool(),
        "--init-token",
        "--free",
        "--label",
        label,
        "--pin",
        PIN,
        "--so-pin",
        "24680",
    ]
    environment = {**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return label


def fresh_vault() -> Pkcs11Vault:
    """A vault in a new token."""
    return Pkcs11Vault.create(softhsm_library(), label=fresh_token(), pin=PIN)


@contextmanager
def tokens_carried_off() -> Iterator[None]:
    """Every token is gone, and comes back at the end."""
    tokens, away = softhsm_folder() / "tokens", softhsm_folder() / "away"
    tokens.rename(away)
    try:
        yield
    finally:
        shutil.rmtree(tokens, ignore_errors=True)
        away.rename(tokens)


def _tool() -> str:
    tool = shutil.which("softhsm2-util")
    if tool is None:
        raise RuntimeError("softhsm2-util is not installed: run `make system`")
    return tool
