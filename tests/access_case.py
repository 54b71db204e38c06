"""A hub that serves: two invented releases, private pages, an account of each role, and a browser that signs in."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from starlette.testclient import TestClient

from avbrott.access import accounts
from avbrott.access.accounts import Person
from avbrott.access.app import application
from avbrott.access.hall import Hall
from avbrott.access.settings import Access, load_access
from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts, packaged_contracts
from avbrott.texts import load_messages

PASSWORD = "korrekt häst batteri"
ORIGIN = "https://statistik.example.se"
RELEASES = ("2025-01-20", "2026-05-09")
NEWEST = RELEASES[-1]
PEOPLE = (
    Person("ada", "analyst"),
    Person("dag", "data_owner", "2480"),
    Person("dora", "data_owner", "2482"),
    Person("rut", "school_leader", "99248001"),
    Person("ruben", "school_leader", "99248201"),
    Person("bo", "releaser"),
    Person("eva", "releaser"),
)
ROLES_OF = {person.who: (person.role, person.of) for person in PEOPLE}
SCHOOLS, PROVIDERS = ("99248001", "99248201"), ("2480", "2482")
SECRET = "only for the one reader"


def access_of(contracts: Contracts, **sign_in: int) -> Access:
    """The packaged rules, with passwords that are quick to try."""
    access = load_access(contracts.folder)
    quick = access.password.model_copy(update={"memory_kib": 8 * 1024, "passes": 1, "lanes": 1})
    rules = access.sign_in.model_copy(update={"by_account": 1000, "by_address": 10_000, **sign_in})
    return access.model_copy(update={"password": quick, "sign_in": rules})


def two_approve(folder: Path) -> Contracts:
    """The packaged contracts, copied to ``folder``, by which two persons must approve."""
    shutil.copytree(packaged_contracts(), folder)
    file = folder / "policies.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["policies"][0]["approvals"] = 2
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return load_contracts(folder)


def write_home(root: Path) -> Home:
    """Releases and private pages as they lie in a home, in small."""
    home = Home(root)
    for release in RELEASES:
        site = home.release(release) / "site"
        (site / "en").mkdir(parents=True)
        (site / "index.html").write_text(f"<!doctype html><title>{release}</title>", "utf-8")
        (site / "en" / "index.html").write_text("<!doctype html><title>en</title>", "utf-8")
        (home.release(release) / "downloads").mkdir()
        (home.release(release) / "downloads" / "all.csv").write_text("a;b\n1;2\n", "utf-8")
        for kind, codes in (("schools", SCHOOLS), ("providers", PROVIDERS)):
            for code in codes:
                folder = home.private(release) / kind / code
                folder.mkdir(parents=True)
                (folder / "index.html").write_text(f"<!doctype html><p>{SECRET} {code} {release}", "utf-8")
    home.current.symlink_to(NEWEST)
    (home.releases / "index.html").write_text("<!doctype html><title>releases</title>", "utf-8")
    (home.releases / ".lock").write_text(SECRET, "utf-8")
    (home.releases / ".staging").mkdir()
    (home.releases / ".staging" / "index.html").write_text(SECRET, "utf-8")
    (root / "secret.key").write_text(SECRET, "utf-8")
    return home


@dataclass
class Server:
    """A hub with its accounts, and browsers of it."""

    home: Home
    hall: Hall
    clients: dict[str, TestClient] = field(default_factory=dict)

    def browser(self, address: str = "192.0.2.1") -> TestClient:
        """A browser that has not been here."""
        app = application(self.hall)
        return TestClient(
            app, base_url=ORIGIN, follow_redirects=False, client=(address, 50000), raise_server_exceptions=False
        )

    def signed_in(self, who: str) -> TestClient:
        """The browser of somebody who has signed in; the same one each time."""
        if who not in self.clients:
            browser = self.browser()
            assert sign_in(browser, who).status_code == 303
            self.clients[who] = browser
        return self.clients[who]


def server(root: Path, contracts: Contracts, access: Access | None = None) -> Server:
    """A hub with an account of each role."""
    access = access or access_of(contracts)
    home = write_home(root)
    for person in PEOPLE:
        accounts.add(home, contracts, access, person, PASSWORD)
    return Server(home, Hall(home, contracts, access, load_messages(), b"body {}"))


def with_access(one: Server, access: Access) -> Server:
    """The same hub by other rules."""
    return Server(one.home, replace(one.hall, access=access))


def csrf_of(page: str) -> str:
    """The secret of the last form of a page."""
    return re.findall(r'name="csrf" value="([^"]+)"', page)[-1]


def sign_in(browser: TestClient, who: str, password: str = PASSWORD, onward: str = "/mine"):
    """Fill in the form and send it."""
    page = browser.get("/sign-in").text
    form = {"csrf": csrf_of(page), "name": who, "password": password, "next": onward}
    return browser.post("/sign-in", data=form)
