"""What stands in ``certificate.json``, key by key: no other key, and no word that is not the program's, is published there.

Numbers are held against the files in ``audit``. Not here: making a certificate (``write``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from avbrott.tabular.output import FORMAT, SEALED
from avbrott.tabular.spec import PolicySpec
from avbrott.tabular.strict import Digest, Told

Number = Annotated[int, Field(ge=0)]


class _Engine(Told):
    name: Literal["avbrott"]
    version: Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){1,3}((a|b|rc|\.dev|\.post)[0-9]{1,4})?$")]


class _Cells(Told):
    shown: Number
    hidden: Number


class _Systems(Told):
    systems: Number
    two_values: Number
    one_value: Number
    undecided: Number


class _Known(Told):
    files: Number


class _Certificate(Told):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)]
    engine: _Engine
    cells: _Cells
    policy: dict[str, Any]
    previous: list[Digest]
    known: _Known
    dimensions: dict[str, str]
    tables: dict[str, Any]
    public_witnesses: _Systems
    sha256: Annotated[dict[Literal["spec", "public.csv", "public_witnesses.parquet"], Digest], Field(min_length=3)]
    sealed: dict[str, Digest]


def misstatements(content: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """The keys whose value is not what a certificate has there, and those that have keys of their own that none has (True).

    A key that no certificate has is not told itself: it may be what must not be published.
    """
    try:
        _Certificate.model_validate(content)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            way = [str(step) for step in one["loc"]]
            strange = one["type"] == "extra_forbidden" or way[-1] == "[key]"
            yield (way[0] if way[0] in _Certificate.model_fields else "certificate.json"), strange
    if _lists_other_seals(content.get("sealed")):
        yield "sealed", True
    if not _is_policy(content.get("policy")):
        yield "policy", False


def _lists_other_seals(sealed: Any) -> bool:
    return isinstance(sealed, dict) and sealed.keys() != {"input", "known", *SEALED}


def _is_policy(told: Any) -> bool:
    """Whether a SPEC could have this policy, told whole."""
    try:
        return bool(PolicySpec.model_validate(told).model_dump(mode="json") == told)
    except ValidationError:
        return False
