"""Where state lies under ``--home``: one property a place, nothing read or written here.

``providers/`` is the providers' own (what they deliver); ``store/`` and ``confidential/`` are the hub's: rows of persons
are in the store alone, true counts in both. ``private/`` is made for one reader each, ``releases/`` is what anyone may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOME = Path("var")


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one installation."""

    root: Path

    # The providers' side.
    @property
    def sources(self) -> Path:
        """Which place each provider's extracts are pulled from."""
        return self.root / "sources.yaml"

    def outbox(self, provider: str, term: str) -> Path:
        """Where a provider leaves ``<extract>.csv`` and ``datapackage.json`` (its delivery date)."""
        return self.root / "providers" / provider / "outbox" / term

    @property
    def alerts(self) -> Path:
        """Who is told of a run that failed."""
        return self.root / "alerts.yaml"

    def fetched(self, provider: str) -> Path:
        """The copy of what lies at a provider's distant place."""
        return self.root / "fetched" / provider

    @property
    def truth(self) -> Path:
        """What the invented county knows and the pipeline may not: no stage has a path here but ``synthetic``."""
        return self.root / "truth"

    @property
    def invented_contracts(self) -> Path:
        """The contracts of an invented country, which has other places and suppliers than those of the program."""
        return self.root / "contracts"

    # How the hub names persons and encrypts rows, outside the store so that who takes one has not the other.
    @property
    def hub_key(self) -> Path:
        """The hub's own key, under which every pseudonym that it receives is keyed anew."""
        return self.root / "hub.key"

    @property
    def store_key(self) -> Path:
        """The key that everything at row level in the store is encrypted with, unless a setting names another place."""
        return self.root / "store.key"

    @property
    def bridges(self) -> Path:
        """Bridges between epochs of the county's key: ``*.csv``."""
        return self.root / "bridges"

    # Who may deliver sealed, and what opens it: outside the store as well.
    @property
    def reception_key(self) -> Path:
        """What the hub opens sealed deliveries and signs receipts with."""
        return self.root / "keys" / "reception.key"

    @property
    def hub_public(self) -> Path:
        """Its public half, which is handed to the providers."""
        return self.root / "keys" / "hub.pub"

    def provider_key(self, provider: str) -> Path:
        """The registered public key of a provider: from when it lies there, the provider delivers sealed."""
        return self.root / "keys" / "providers" / f"{provider}.pub"

    @property
    def reception_log(self) -> Path:
        """A line of JSON for each file that was refused: when, whose, what for; holds no row's value."""
        return self.root / "log" / "reception.jsonl"

    # Who signs in to the pages, and what they did.
    @property
    def accounts(self) -> Path:
        """Accounts, sessions and how often a sign-in was tried (SQLite), its owner's alone."""
        return self.root / "access" / "accounts.db"

    @property
    def openid(self) -> Path:
        """The provider of OpenID Connect, where there is one."""
        return self.root / "openid.yaml"

    @property
    def access_log(self) -> Path:
        """A line of JSON for each sign-in, private page, approval, upload and erasure, chained; holds no row's value."""
        return self.root / "log" / "access.jsonl"

    @property
    def approvals(self) -> Path:
        """By proposed release, who has approved it."""
        return self.root / "access" / "approvals"

    # The hub's store: rows of persons, encrypted (``at_rest``).
    @property
    def store(self) -> Path:
        return self.root / "store"

    def delivered(self, provider: str, term: str) -> Path:
        """The extracts as they came, each encrypted, and ``delivery.json``."""
        return self.store / "delivered" / provider / term

    def received(self, provider: str, term: str) -> Path:
        """The highest number accepted of each sealed extract: an older one is a replay, also when all else is erased."""
        return self.store / "received" / provider / f"{term}.json"

    def accepted(self, extract: str, provider: str, term: str) -> Path:
        """Typed rows that keep the contract, Parquet."""
        return self.store / "accepted" / extract / term / f"{provider}.parquet"

    def quarantine(self, extract: str, provider: str, term: str) -> Path:
        """Rows set aside, with their line and the codes of the rules they break, Parquet."""
        return self.store / "quarantine" / extract / term / f"{provider}.parquet"

    def findings(self, provider: str, term: str) -> Path:
        """Findings of one delivery, Parquet of ``FINDINGS_SCHEMA``; holds no row's value."""
        return self.store / "findings" / term / f"{provider}.parquet"

    def settled(self, provider: str, term: str) -> Path:
        """That a delivery was checked to its end, and what the check left of it; holds no row's value."""
        return self.store / "settled" / term / f"{provider}.json"

    def unanswered(self, provider: str, term: str) -> Path:
        """That a delivery's receipt is to be made anew; empty."""
        return self.store / "unanswered" / term / provider

    @property
    def checking(self) -> Path:
        """Locked while deliveries are checked."""
        return self.store / ".checking"

    def receipts(self, term: str) -> Path:
        """What providers are told of their deliveries of a term, and which of it they have got; holds no row's value."""
        return self.store / "receipts" / term

    @property
    def named_by(self) -> Path:
        """The fingerprint of the key that the store's persons are named by."""
        return self.store / "named_by"

    def erased(self, provider: str, term: str) -> Path:
        """What was erased of a provider's term, when and by which rule; holds no row's value."""
        return self.store / "erased" / term / f"{provider}.json"

    @property
    def erased_persons(self) -> Path:
        """The pseudonyms of persons who are erased, encrypted, so that no delivery brings them in again."""
        return self.store / "persons" / "erased.parquet"

    def kept(self, system: str, table: str) -> Path:
        """The counts of one table in school years whose rows are erased."""
        return self.store / "kept" / system / f"{table}.parquet"

    @property
    def closed(self) -> Path:
        """The school years whose rows are erased."""
        return self.store / "kept" / "closed.json"

    @property
    def sealed_by(self) -> Path:
        """The fingerprint of the key that the store's rows are encrypted with."""
        return self.store / "sealed_by"

    @property
    def watched(self) -> Path:
        """What the watches said of the counts at the newest linking, Parquet of ``WATCHED_SCHEMA``; holds no row's value."""
        return self.store / "watched.parquet"

    def watched_counts(self, frame: str) -> Path:
        """The counts that were watched at the newest linking: of deliveries, by provider; holds no row's value."""
        return self.store / "watched" / f"{frame}.parquet"

    @property
    def watched_files(self) -> Path:
        """How many rows each accepted file has that are watched, by the file's sum; holds no row's value."""
        return self.store / "watched" / "counted.json"

    def linked(self, table: str) -> Path:
        """One linked table: ``enrolments``, ``outcomes``, ``kaa``, and what linking keeps for itself."""
        return self.store / "linked" / f"{table}.parquet"

    @property
    def dealt(self) -> Path:
        """Rows of persons while they are linked, where there are too many to link at once."""
        return self.store / "linked" / ".dealt"

    @property
    def linked_basis(self) -> Path:
        """What the linked tables were made of: sums of files, and no row."""
        return self.store / "linked" / "basis.json"

    @property
    def linked_from(self) -> Path:
        """What the store had taken in when its linked tables were made: one sum."""
        return self.store / "linked" / "taken_in"

    def frozen(self, identifier: str) -> Path:
        """The linked rows that a release was counted from, kept with it: ``<table>.parquet``."""
        return self.store / "frozen" / identifier

    def counted(self, system: str) -> Path:
        """True base cells and table cells of one system."""
        return self.store / "counted" / system

    def protected(self, system: str) -> Path:
        """The confidential record of one protected system, before it is part of a release."""
        return self.store / "protected" / system

    @property
    def seed(self) -> Path:
        """The secret that breaks ties between equally good patterns: kept, so that only the hub can reproduce one."""
        return self.store / "seed"

    @property
    def dagster(self) -> Path:
        """Dagster's instance: runs and events."""
        return self.root / "dagster"

    # What is published, and what belongs to it but is not.
    @property
    def releases(self) -> Path:
        return self.root / "releases"

    def release(self, identifier: str) -> Path:
        """What anyone may see."""
        return self.releases / identifier

    @property
    def current(self) -> Path:
        """A link to the newest release, switched in one step."""
        return self.releases / "current"

    def confidential(self, identifier: str) -> Path:
        """True counts, reasons and witnesses of a release, and no row of a person: the hub's alone."""
        return self.root / "confidential" / identifier

    def private(self, identifier: str) -> Path:
        """What is made for one reader each: ``schools/<unit>/``, ``providers/<code>/``."""
        return self.root / "private" / identifier
