"""All releases of a home together, newest first, as anyone may read them. What is written of them is ``permalinks``'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from avbrott.catalogue import Catalogue
from avbrott.home import Home
from avbrott.model import Text
from avbrott.open_data.changes import Changes, changes
from avbrott.release import ledger
from avbrott.release.public import PublicRelease, read_public
from avbrott.texts import Language, Texts


@dataclass(frozen=True)
class Entry:
    """A release and what is new in it; ``changes`` is None for the first."""

    identifier: str
    public: PublicRelease
    previous: str | None
    changes: Changes | None

    @property
    def day(self) -> date:
        return ledger.day_of(self.identifier)

    @property
    def folder(self) -> Path:
        return self.public.folder

    def title(self, table: str) -> Text:
        """What a table of the release is called."""
        resource = next(one for one in self.public.package["resources"] if one["name"] == table)
        return Text(sv=resource["title"], en=resource["title_en"])

    def downloads(self) -> dict[str, dict[str, str]]:
        """By table and format the path of its file; empty for a release from before there were any."""
        found: dict[str, dict[str, str]] = self.public.package["avbrott"].get("downloads", {})
        return found


@dataclass(frozen=True)
class History:
    """The releases of a home. ``entries``: the newest first."""

    entries: tuple[Entry, ...]
    catalogue: Catalogue

    def first_with(self, table: str) -> Entry:
        """The first release that had ``table``."""
        return next(entry for entry in reversed(self.entries) if table in entry.public.tables)

    def last_changed(self, table: str) -> Entry:
        """The newest release in which ``table`` was not what it was in the one before."""
        for entry, older in zip(self.entries, self.entries[1:], strict=False):
            known = older.public.tables.get(table)
            if known is None or not known.frame.equals(entry.public.tables[table].frame):
                return entry
        return self.entries[-1]


def history(home: Home, catalogue: Catalogue) -> History:
    """Every release there is; ``BadInput`` where one cannot be read."""
    entries: list[Entry] = []
    for identifier in ledger.releases(home):
        public = read_public(home.release(identifier))
        before = entries[-1] if entries else None
        told = changes(before.public, public, catalogue.time) if before else None
        entries.append(Entry(identifier, public, before.identifier if before else None, told))
    return History(tuple(reversed(entries)), catalogue)


def told_changes(past: History, entry: Entry, texts: Texts, language: Language) -> list[str]:
    """What is new in a release, in sentences."""
    if entry.changes is None:
        return [texts.get("RELEASE_FIRST", language)]
    if not entry.changes:
        return [texts.get("RELEASE_SAME", language)]
    found, older = entry.changes, past.entries[past.entries.index(entry) + 1]

    def named(tables: tuple[str, ...], among: Entry = entry) -> str:
        return ", ".join(getattr(among.title(table), language) for table in tables)

    grown = {*found.added, *found.new} == entry.public.tables.keys()
    lists = [entry.public.codelists[name] for name in past.catalogue.time if name in entry.public.codelists]
    labels = {code: label for listed in lists for code, label in listed.select("code", f"label_{language}").rows()}

    def labelled(code: str) -> str:
        return str(labels.get(code, code))

    said = [
        texts.get("RELEASE_TABLES_NEW", language, tables=named(found.new)) if found.new else "",
        texts.get("RELEASE_TABLES_GONE", language, tables=named(found.gone, older)) if found.gone else "",
        texts.get("RELEASE_PERIODS_NEW", language, periods=", ".join(map(labelled, found.periods))) if found.periods else "",
        texts.get("RELEASE_ALL_ADDED", language) if grown else "",
        texts.get("RELEASE_TABLES_ADDED", language, tables=named(found.added)) if found.added and not grown else "",
        texts.get("RELEASE_TABLES_REVISED", language, tables=named(found.revised)) if found.revised else "",
    ]
    return [sentence for sentence in said if sentence]
