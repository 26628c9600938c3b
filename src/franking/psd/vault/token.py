"""A connection to one PKCS#11 token that stays in order: one lock, one login, one reconnection.

python-pkcs11 initialises a module without asking it to lock and releases the interpreter lock
around every call, so two threads inside one module may crash it: every call here is made under
one lock per module. A token can be pulled out, and a network token can drop its sessions; a
session may then go on using the keys it holds in memory. So the token's own keys are looked at
after each use, and a connection that broke is made anew, once, before the caller is refused.

Refuses to know what the token's keys are for: ``franking.psd.vault.pkcs11`` does.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    NoSuchToken,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from franking.psd.vault.port import (
    TOKEN_GONE,
    VAULT_PASSPHRASE_WRONG,
    VAULT_UNREADABLE,
)

WRAPPING_LABEL = "franking wrapping key"
SEALING_LABEL = "franking sealing key"
_AES_BITS = 256
_ATTEMPTS_AT_START = 4
_PAUSE_SECONDS = 0.05
"""Two processes that open a token at the same instant may get a general error once."""
_PIN_ERRORS = (PinIncorrect, PinInvalid, PinLenRange, PinLocked)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The two keys of a token, in one session, and which connection this is."""

    session: Any
    wrapping: Any
    """Wraps and unwraps private keys; it can neither encrypt nor decrypt."""
    sealing: Any
    """Encrypts and decrypts data; it can neither wrap nor unwrap."""
    generation: int
    """Objects of an earlier generation are gone."""


class _Module:
    """A loaded PKCS#11 library: one per process and path."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.generation = 0
        self.process = os.getpid()
        self.logins: dict[str, bytes] = {}
        self._library = _loaded(path)

    def token(self, label: str) -> Any:
        """The token, initialising the library anew where it is not seen (it may have come back)."""
        try:
            return self._library.get_token(token_label=label)
        except PKCS11Error:
            self.restart()
            return self._library.get_token(token_label=label)

    def restart(self) -> None:
        """Forget every session of this process; all logins are gone."""
        self.generation += 1
        self.process = os.getpid()
        self.logins.clear()
        self._library.reinitialize()


_modules: dict[str, _Module] = {}
_modules_lock = threading.Lock()


class Token:
    """One token, logged in as its user."""

    def __init__(self, library: Path, *, label: str, pin: str) -> None:
        self._module = _module(library)
        self._label = label
        self._pin = pin
        self._keys: TokenKeys | None = None

    def use(self, action: Callable[[TokenKeys], Result]) -> Result:
        """``action`` under the module's lock, repeated once on a fresh connection if it broke.

        The token is looked at afterwards: what an absent token's session did is not handed out.

        Raises:
            Refused: ``TOKEN_GONE``, ``VAULT_PASSPHRASE_WRONG``, ``VAULT_UNREADABLE``.
        """
        with self._module.lock:
            try:
                return self._attempt(action)
            except PKCS11Error:
                self._drop()
            try:
                return self._attempt(action)
            except PKCS11Error as error:
                self._drop()
                raise self._gone(error) from error

    def require(self) -> None:
        """Connect now, patiently.

        Raises:
            Refused: ``TOKEN_GONE``, ``VAULT_PASSPHRASE_WRONG``, ``VAULT_UNREADABLE``.
        """
        for attempt in range(_ATTEMPTS_AT_START):
            try:
                with self._module.lock:
                    self._connected()
                return
            except PKCS11Error as error:
                self._drop()
                if attempt == _ATTEMPTS_AT_START - 1:
                    raise self._gone(error) from error
                time.sleep(_PAUSE_SECONDS * 2**attempt)

    def provision(self) -> None:
        """Make the token's two keys, if it has none.

        Raises:
            Refused: ``TOKEN_GONE``, ``VAULT_PASSPHRASE_WRONG``.
        """
        with self._module.lock:
            try:
                session = self._session()
                for label, capabilities in _TOKEN_KEYS:
                    if _find(session, label) is None:
                        _generate(session, label, capabilities)
                self._module.restart()
            except PKCS11Error as error:
                self._drop()
                raise self._gone(error) from error

    def change_pin(self, old: str, new: str) -> None:
        """Set another PIN.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG``, ``TOKEN_GONE``.
        """
        with self._module.lock:
            try:
                self._connected().session.set_pin(old, new)
            except _PIN_ERRORS as error:
                raise self._wrong_pin(error) from error
            except PKCS11Error as error:
                self._drop()
                raise self._gone(error) from error
            self._pin = new
            self._module.logins[self._label] = new.encode()

    def _attempt(self, action: Callable[[TokenKeys], Result]) -> Result:
        keys = self._connected()
        result = action(keys)
        _look_at(keys)
        return result

    def _connected(self) -> TokenKeys:
        if self._module.process != os.getpid():
            self._module.restart()
        if self._keys is None or self._keys.generation != self._module.generation:
            self._keys = self._opened()
        return self._keys

    def _opened(self) -> TokenKeys:
        session = self._session()
        wrapping, sealing = _find(session, WRAPPING_LABEL), _find(session, SEALING_LABEL)
        if wrapping is None or sealing is None:
            self._module.restart()
            raise VAULT_UNREADABLE.because(f"the token {self._label!r} holds no vault keys")
        return TokenKeys(session, wrapping, sealing, self._module.generation)

    def _session(self) -> Any:
        token = self._module.token(self._label)
        known = self._module.logins.get(self._label)
        if known is not None and not hmac.compare_digest(known, self._pin.encode()):
            raise self._wrong_pin(None)
        try:
            session = token.open(rw=True, user_pin=None if known is not None else self._pin)
        except _PIN_ERRORS as error:
            raise self._wrong_pin(error) from error
        except UserAlreadyLoggedIn:
            self._module.restart()
            session = self._module.token(self._label).open(rw=True, user_pin=self._pin)
        self._module.logins[self._label] = self._pin.encode()
        return session

    def _drop(self) -> None:
        with self._module.lock:
            self._keys = None
            try:
                self._module.restart()
            except PKCS11Error:
                self._module.generation += 1

    def _gone(self, error: PKCS11Error) -> Exception:
        reason = "is not there" if isinstance(error, NoSuchToken) else f"failed ({_named(error)})"
        return TOKEN_GONE.because(f"the token {self._label!r} {reason}")

    def _wrong_pin(self, error: PKCS11Error | None) -> Exception:
        locked = " and is now locked" if isinstance(error, PinLocked) else ""
        return VAULT_PASSPHRASE_WRONG.because(f"the token {self._label!r} refuses this PIN{locked}")


_TOKEN_KEYS = (
    (WRAPPING_LABEL, MechanismFlag.WRAP | MechanismFlag.UNWRAP),
    (SEALING_LABEL, MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT),
)


def _module(library: Path) -> _Module:
    path = str(library.resolve())
    with _modules_lock:
        if path not in _modules:
            _modules[path] = _Module(path)
        return _modules[path]


def _loaded(path: str) -> Any:
    try:
        return pkcs11.lib(path)
    except PKCS11Error as error:
        raise VAULT_UNREADABLE.because(f"the PKCS#11 library {path} does not load") from error


def _find(session: Any, label: str) -> Any | None:
    wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: label}
    return next(iter(list(session.get_objects(wanted))), None)


def _generate(session: Any, label: str, capabilities: MechanismFlag) -> None:
    session.generate_key(
        KeyType.AES,
        _AES_BITS,
        label=label,
        store=True,
        capabilities=capabilities,
        template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )


def _look_at(keys: TokenKeys) -> None:
    """Read an attribute of a key that is in the token: it raises where the token is away."""
    keys.wrapping[Attribute.CLASS]


def _named(error: PKCS11Error) -> str:
    return str(error) or type(error).__name__
