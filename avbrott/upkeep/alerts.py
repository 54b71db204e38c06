"""A failure told by mail and webhook, as ``<home>/alerts.yaml`` says. The words are texts; codes and names are all they hold.

webhook_file: /etc/avbrott/webhook      # a file with the address, which is a secret
mail: {to: [drift@example.se], sender: avbrott@example.se, host: localhost, port: 25}
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from pydantic import Field

from avbrott.contract_files import read_contract
from avbrott.errors import BadInput
from avbrott.help_texts import LANGUAGES
from avbrott.home import Home
from avbrott.model import Model, Whole
from avbrott.registry import Contracts
from avbrott.texts import load_messages
from avbrott.transport.target import Patience
from avbrott.transport.web import LOST, WebSession

_PATIENCE = Patience(connect_seconds=15, answer_seconds=15)
_TAKEN = 200


class Mail(Model):
    """Who is written to, from whom, and through which server."""

    to: tuple[str, ...] = Field(min_length=1)
    sender: str
    host: str = "localhost"
    port: Whole = Field(25, ge=1, le=65535)


class Alerts(Model):
    """Who is told."""

    webhook_file: str | None = None
    mail: Mail | None = None

    def secret(self, home: Home) -> Path | None:
        """The file with the address of the webhook."""
        return home.root / self.webhook_file if self.webhook_file is not None else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that failed: its job and number, the steps it failed in, and the codes of the mistakes."""

    job: str
    run: str
    steps: tuple[str, ...]
    codes: tuple[str, ...]


def tell(home: Home, contracts: Contracts, failure: Failure) -> int:
    """Send it to everybody who is named; how many were told. ``BadInput``: the file is wrong, or somebody could not be told.

    Who cannot be keeps nobody else from it; where nobody could be told, the error tells of the first and notes the others.
    """
    alerts = read_alerts(home)
    if alerts is None:
        return 0
    texts = load_messages(contracts.folder)
    told = {
        "job": failure.job,
        "run": failure.run,
        "steps": ", ".join(failure.steps) or "-",
        "codes": ", ".join(failure.codes) or "-",
    }
    subject = " / ".join(texts.get("ALERT_SUBJECT", language, **told) for language in LANGUAGES)
    body = "\n\n".join(texts.get("ALERT_BODY", language, **told) for language in LANGUAGES)
    ways: list[Callable[[], None]] = []
    if (webhook := alerts.secret(home)) is not None:
        ways.append(partial(_post, webhook, f"{subject}\n\n{body}"))
    if alerts.mail is not None:
        ways.append(partial(_mail, alerts.mail, subject, body))
    problems = [problem for way in ways if (problem := _problem(way)) is not None]
    if problems:
        for other in problems[1:]:
            problems[0].add_note(str(other))
        raise problems[0]
    return len(ways)


def _problem(way: Callable[[], None]) -> BadInput | None:
    try:
        way()
    except BadInput as problem:
        return problem
    return None


def read_alerts(home: Home) -> Alerts | None:
    """Who is told; None where nothing says so. ``BadInput`` names what cannot be used."""
    return read_contract(home.alerts, Alerts) if home.alerts.exists() else None


def _post(file: Path, text: str) -> None:
    """As Mattermost, Slack and Teams take it; one that leads elsewhere has not taken it."""
    try:
        address = file.read_text("ascii").strip()
        with WebSession().asked("POST", address, _PATIENCE, json={"text": text}) as (answer, _):
            status = answer.status_code
    except (*LOST, ValueError) as error:
        raise BadInput("ALERT_WEBHOOK", file=file, kind=type(error).__name__) from None
    if not _TAKEN <= status < _TAKEN + 100:
        raise BadInput("ALERT_WEBHOOK", file=file, kind=f"HTTP {status}")


def _mail(mail: Mail, subject: str, body: str) -> None:
    try:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, mail.sender, ", ".join(mail.to)
        message.set_content(body)
        with smtplib.SMTP(mail.host, mail.port, timeout=_PATIENCE.answer_seconds) as server:
            refused = server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise BadInput("ALERT_MAIL", host=mail.host, port=mail.port, kind=type(error).__name__) from None
    if refused:  # some of those who are written to
        raise BadInput("ALERT_MAIL", host=mail.host, port=mail.port, kind=smtplib.SMTPRecipientsRefused.__name__)
