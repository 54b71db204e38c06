"""The files of contracts that are read where they are used, and not with the others: what each must be.

``load_contracts`` reads the rest. A package above the library adds those that it reads when it registers its commands.
Nothing is imported before a file is looked at, as what reads it may be dear to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from avbrott.model import Model

READ_LATER: dict[str, str] = {
    "delivery.yaml": "avbrott.delivery.due:DeliveryContract",
    "flaws.yaml": "avbrott.synthetic.flaws:Flaws",
    "linking.yaml": "avbrott.linking.rules:LinkingRules",
    "nation.yaml": "avbrott.synthetic.nation:Nation",
    "protect.yaml": "avbrott.tabular.words:Words",
    "questionnaire.yaml": "avbrott.forms.questions:QuestionnaireContract",
    "scanner.yaml": "avbrott.delivery.scan:ScannerContract",
    "source.yaml": "avbrott.identity.source:SourceContract",
    "synthetic.yaml": "avbrott.synthetic.calibration:Calibration",
    "upkeep.yaml": "avbrott.upkeep.notices:Upkeep",
}
"""By file, the model that it must be."""


def model_of(name: str) -> type[Model]:
    """What the file ``name`` must be."""
    module, _, kind = READ_LATER[name].partition(":")
    return cast("type[Model]", getattr(import_module(module), kind))
