"""Keys of deliveries: a provider's, which signs; the hub's, which opens and signs receipts; and what of both is handed out.

cryptography and pyrage are imported where they are used, so that a command that needs no key starts without them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.key_files import in_fours, read_key_file, unreadable, write_key_file
from avbrott.model import Model

PROVIDER = re.compile("[a-z0-9][a-z0-9-]{0,63}")
"""What a provider may be called in a key and in the name of a delivery."""
SIGNATURE_BYTES = 64
DELIVERY = b"avbrott1-delivery\n"
"""What stands before the bytes of a delivery's package when it is signed, so that no signature serves for something else."""
RECEIPT = b"avbrott1-receipt\n"
"""The same of a receipt."""

_KEY_BYTES = 32


class _SigningFile(Model):
    avbrott_key: str
    provider: str
    key: str


class _ProviderPublicFile(Model):
    avbrott_key: str
    provider: str
    public: str


class _ReceptionFile(Model):
    avbrott_key: str
    age: str
    signing: str


class _HubPublicFile(Model):
    avbrott_key: str
    age: str
    signing: str


@dataclass(frozen=True, slots=True)
class ProviderPublic:
    """What verifies a provider's deliveries."""

    provider: str
    public: bytes

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits in fours, to compare over the telephone."""
        return _fingerprint(self.public)

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Whether ``signature`` is the provider's of a delivery's package."""
        return _verifies(self.public, signature, DELIVERY + content)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What a provider signs its deliveries with; its bytes are in no text of it."""

    provider: str
    secret: bytes = field(repr=False)

    @property
    def public(self) -> ProviderPublic:
        """What is handed to the hub."""
        return ProviderPublic(self.provider, _public(self.secret))

    def sign(self, content: bytes) -> bytes:
        """The signature of a delivery's package, 64 bytes."""
        return _sign(self.secret, DELIVERY + content)


@dataclass(frozen=True, slots=True)
class HubPublic:
    """What deliveries are encrypted to, and what verifies receipts."""

    age: str
    """The recipient, ``age1...``."""
    signing: bytes

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits in fours, to compare over the telephone."""
        return _fingerprint(self.age.encode("ascii") + b"\n" + self.signing)

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Whether ``signature`` is the hub's of a receipt."""
        return _verifies(self.signing, signature, RECEIPT + content)


@dataclass(frozen=True, slots=True)
class ReceptionKey:
    """What the hub opens deliveries and signs receipts with; its bytes are in no text of it."""

    age: str = field(repr=False)
    """The identity, ``AGE-SECRET-KEY-1...``."""
    signing: bytes = field(repr=False)

    @property
    def public(self) -> HubPublic:
        """What is handed to the providers."""
        from pyrage import x25519

        return HubPublic(str(x25519.Identity.from_str(self.age).to_public()), _public(self.signing))

    def sign(self, content: bytes) -> bytes:
        """The signature of a receipt, 64 bytes."""
        return _sign(self.signing, RECEIPT + content)


def public_file(file: Path) -> Path:
    """Where the public half of a provider's key lies: beside it, ``<file>.pub``."""
    return file.with_name(f"{file.name}.pub")


def new_signing_key(file: Path, provider: str) -> SigningKey:
    """Make a provider's key in ``file``, and its public half beside it; ``BadInput`` where something is there already.

    Where the key is there without its public half, as after an interruption, that is made of it.
    """
    if not PROVIDER.fullmatch(provider):
        raise BadInput("KEY_PROVIDER_NAME", provider=provider)
    if public_file(file).exists():
        raise BadInput("KEY_FILE_EXISTS", file=file if file.exists() else public_file(file))
    key = SigningKey(provider, _new())
    content = {"avbrott_key": "provider", "provider": provider, "key": key.secret.hex()}
    if not write_key_file(file, content):
        key = read_signing_key(file)
        if key.provider != provider:
            raise BadInput("KEY_FILE_EXISTS", file=file)
    public = {"avbrott_key": "provider_public", "provider": provider, "public": key.public.public.hex()}
    write_key_file(public_file(file), public, public=True)
    return key


def read_signing_key(file: Path) -> SigningKey:
    """Read a provider's key; ``BadInput`` says what is wrong with the file."""
    found = read_key_file(file, "provider", _SigningFile)
    if not PROVIDER.fullmatch(found.provider):
        raise unreadable(file)
    return SigningKey(found.provider, _bytes(file, found.key))


def read_provider_public(file: Path) -> ProviderPublic:
    """Read the public half of a provider's key; ``BadInput`` says what is wrong with the file."""
    found = read_key_file(file, "provider_public", _ProviderPublicFile)
    public = _bytes(file, found.public)
    if not PROVIDER.fullmatch(found.provider) or not _is_point(public):
        raise unreadable(file)
    return ProviderPublic(found.provider, public)


def registered_key(home: Home, provider: str) -> ProviderPublic | None:
    """The key that the hub knows a provider by; None where it has none.

    ``BadInput`` where the file is damaged, or another provider's: nothing can be accepted then.
    """
    file = home.provider_key(provider)
    if not file.exists():
        return None
    found = read_provider_public(file)
    if found.provider != provider:
        raise BadInput("KEY_OTHER_PROVIDER", file=file, provider=provider, there=found.provider)
    return found


def reception_key(home: Home) -> ReceptionKey:
    """The hub's key for deliveries and receipts, made where there is none; its public file is there when this returns."""
    if not home.reception_key.is_file():
        from pyrage import x25519

        content = {"avbrott_key": "reception", "age": str(x25519.Identity.generate()), "signing": _new().hex()}
        write_key_file(home.reception_key, content)
    key = read_reception_key(home.reception_key)
    public = key.public
    content = {"avbrott_key": "hub_public", "age": public.age, "signing": public.signing.hex()}
    if not write_key_file(home.hub_public, content, public=True) and read_hub_public(home.hub_public) != public:
        raise BadInput("KEY_PUBLIC_OTHER", file=home.hub_public, key=home.reception_key)
    return key


def read_reception_key(file: Path) -> ReceptionKey:
    """Read the hub's key for deliveries and receipts; ``BadInput`` says what is wrong with the file."""
    from pyrage import IdentityError, x25519

    found = read_key_file(file, "reception", _ReceptionFile)
    try:
        x25519.Identity.from_str(found.age)
    except IdentityError:
        raise unreadable(file) from None
    return ReceptionKey(found.age, _bytes(file, found.signing))


def read_hub_public(file: Path) -> HubPublic:
    """Read what a hub hands out; ``BadInput`` says what is wrong with the file."""
    from pyrage import RecipientError, x25519

    found = read_key_file(file, "hub_public", _HubPublicFile)
    try:
        x25519.Recipient.from_str(found.age)
    except RecipientError:
        raise unreadable(file) from None
    signing = _bytes(file, found.signing)
    if not _is_point(signing):
        raise unreadable(file)
    return HubPublic(found.age, signing)


def _new() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def _public(secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _sign(secret: bytes, content: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).sign(content)


def _verifies(public: bytes, signature: bytes, content: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_point(public: bytes) -> bool:
    """Whether the bytes can be a public key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        return False
    return True


def _bytes(file: Path, digits: str) -> bytes:
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        raise unreadable(file) from None
    if len(found) != _KEY_BYTES:
        raise unreadable(file)
    return found


def _fingerprint(public: bytes) -> str:
    return in_fours(hashlib.sha256(b"avbrott1-public\n" + public).hexdigest())
