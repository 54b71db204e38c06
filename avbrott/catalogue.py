"""``contracts/catalogue.yaml``: who publishes the releases, at which address, under which licence, and what the formats need.

A folder of contracts without the file makes releases without open data formats, and no index of them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from avbrott.model import Flag, Model, Text

FILE = "catalogue.yaml"

Address = Annotated[str, Field(pattern=r"^https?://[^\s<>\"]+[^\s<>\"/]$")]
"""An address on the web, without a stroke at its end."""
Iri = Annotated[str, Field(pattern=r"^https?://[^\s<>\"]+$")]
"""What the European vocabularies name a thing by."""
Sign = Annotated[str, Field(pattern=r"^[^0-9\"\s,;-][^0-9\"\s,;-]{0,18}$")]
"""A sign in the place of a figure: it has no digit, and is not the dash that PX has for zero."""


class Publisher(Model):
    """Who answers for the releases."""

    name: Text
    address: Address


class Contact(Model):
    """Whom a reader writes to."""

    name: Text
    email: Annotated[str, Field(pattern=r"^[^\s@\"<>]+@[^\s@\"<>]+$")]


class Licence(Model):
    """What a reader may do with the data."""

    title: Text
    address: Iri


class Subject(Model):
    """Where a PxWeb sorts the tables."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,20}$")]
    area: Text


class Keywords(Model):
    """Words that a reader of a data portal may look for."""

    sv: tuple[str, ...]
    en: tuple[str, ...]


class Symbols(Model):
    """By reason why a figure is not shown, its sign."""

    hidden: Sign
    unreliable: Sign
    not_delivered: Sign
    not_applicable: Sign


class Catalogue(Model):
    """What is said of all tables alike."""

    base: Address
    """Where ``<home>/releases`` is served."""
    title: Text
    description: Text
    publisher: Publisher
    contact: Contact
    licence: Licence
    subject: Subject
    official: Flag
    themes: tuple[Iri, ...]
    frequency: Iri
    spatial: tuple[Iri, ...]
    keywords: Keywords
    time: tuple[str, ...]
    """Dimensions that are time."""
    places: tuple[str, ...]
    """Dimensions that are places."""
    symbols: Symbols
