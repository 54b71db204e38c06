"""A SPEC that is refused: by line and key, and a value is never read as something near it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from avbrott.errors import BadInput, CannotProtect, ExitCode
from avbrott.model import MOST
from tests.tabular_case import SPEC, TableCase


def refused(case: TableCase, keys: dict[str, Any]) -> str:
    case.spec.write_text(yaml.safe_dump({**SPEC, **keys}, sort_keys=False), "utf-8")
    with pytest.raises(BadInput, match="SPEC_INVALID") as raised:
        case.protect()
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert not case.out.exists()
    return str(raised.value.parameters["places_en"])


@pytest.mark.parametrize("value", [True, False, "5", 5.0, "five"])
@pytest.mark.parametrize(
    ("keys", "field"),
    [
        (lambda value: {"policy": {"threshold": value}}, "policy.threshold"),
        (lambda value: {"policy": {"width": value}}, "policy.width"),
        (lambda value: {"policy": {"base": {"dimension": "status", "minimum": value}}}, "policy.base.minimum"),
        (lambda value: {"policy": {"providers": {"column": "sex", "minimum": value}}}, "policy.providers.minimum"),
        (lambda value: {"policy": {"providers": {"column": "sex", "coalition": value}}}, "policy.providers.coalition"),
        (lambda value: {"windows": {"sex": value}}, "windows.sex"),
    ],
)
def test_what_is_no_whole_number_is_refused(tmp_path, value, keys, field):
    """``threshold: yes`` is not 1 and ``width: off`` not 0."""
    assert f"{field}: the value must be an integer" in refused(TableCase(tmp_path), keys(value))


@pytest.mark.parametrize(
    ("keys", "field", "told"),
    [
        ({"policy": {"insiders": 1}}, "policy.insiders", "true or false"),
        ({"policy": {"insiders": "yes"}}, "policy.insiders", "true or false"),
        ({"additive": {"sex": 0}}, "additive.sex", "true or false"),
        ({"policy": {"providers": {"column": "sex", "share": True}}}, "policy.providers.share", "a number"),
        ({"policy": {"providers": {"column": "sex", "share": "0.1"}}}, "policy.providers.share", "a number"),
    ],
)
def test_another_kind_of_value_is_refused(tmp_path, keys, field, told):
    """A switch is true or false, a share a number."""
    assert f"{field}: the value must be {told}" in refused(TableCase(tmp_path), keys)


@pytest.mark.parametrize("value", [MOST + 1, 2**40, 2**63, 10**30])
def test_a_number_that_cannot_be_reckoned_with_is_refused(tmp_path, value):
    """Named by field; the largest that is taken is reckoned with as any other."""
    case = TableCase(tmp_path)
    for key in ("threshold", "width"):
        assert f"policy.{key}: the number must be at most {MOST}" in refused(case, {"policy": {key: value}})
    base = {"policy": {"base": {"dimension": "status", "minimum": value}}}
    assert f"policy.base.minimum: the number must be at most {MOST}" in refused(case, base)


@pytest.mark.parametrize("policy", [{"threshold": MOST}, {"width": MOST}, {"threshold": MOST, "width": MOST}])
def test_the_largest_number_is_reckoned_with(tmp_path, policy):
    """Nothing overflows: such a table cannot be protected, or is."""
    case = TableCase(tmp_path, policy=policy)
    try:
        made = case.protect()
    except CannotProtect:
        return
    assert made.public["hidden"].any()


@pytest.mark.parametrize(
    ("policy", "rules"),
    [
        ({"complement": ["status"]}, "complement"),
        ({"base": {"dimension": "status", "minimum": 5}}, "base"),
        ({"complement": ["status"], "base": {"dimension": "status", "minimum": 5}}, "complement + base"),
    ],
)
def test_which_of_two_keys_to_change_is_said(tmp_path, policy, rules):
    """Shown zeros and a rule of sensitive codes do not go together: zeros may hide, or the rule goes."""
    told = refused(TableCase(tmp_path), {"policy": {**policy, "zeros": "shown"}})
    assert f"policy.zeros: zeros: shown does not go with {rules}: write zeros: may_hide" in told
    assert f"or leave {rules} out" in told


@pytest.mark.parametrize(
    ("keys", "line", "key"),
    [
        ({"policy": {"insiders": "perhaps"}}, 13, "policy.insiders"),
        ({"policy": {"providers": {"column": "sex", "share": 0}}}, 15, "policy.providers.share"),
        ({"policy": {"providers": {"column": "sex", "share": 1.5}}}, 15, "policy.providers.share"),
        ({"policy": {"providers": {"column": "sex", "share": float("nan")}}}, 15, "policy.providers.share"),
        ({"policy": {"providers": {"column": "sex", "share": "a tenth"}}}, 15, "policy.providers.share"),
        ({"policy": {"providers": {"column": "sex", "coalition": 0}}}, 15, "policy.providers.coalition"),
        ({"policy": {"providers": {"column": "freq"}}}, 14, "policy.providers.column"),
        ({"policy": {"providers": {"minimum": 2}}}, 13, "policy.providers.column"),
        ({"policy": {"zeros": "shown", "complement": ["status"]}}, 13, "policy.zeros"),
        ({"policy": {"threshold": "five"}}, 13, "policy.threshold"),
        ({"policy": {"zeros": "perhaps"}}, 13, "policy.zeros"),
        ({"policy": {"base": {"dimension": "sects", "minimum": 3}}}, 13, "policy.base"),
        ({"tables": [{"area": ["parish"]}]}, 13, "tables.1.area"),
        ({"windows": {"sex": 1}}, 13, "windows.sex"),
        ({"windows": {"age": 3}}, 13, "windows.age"),
        ({"additive": {"sex": False}, "tables": [{"area": "all"}]}, 15, "tables.1"),
        ({"cost": "previous"}, 12, "cost"),
        ({"cost": "base"}, 12, "cost"),
        ({"cost": "freq"}, 12, "cost"),
        ({"costs": "one"}, 12, "costs"),
        ({"dimensions": {"sex": [["sex"]], "gender": [["sex"]]}}, 5, "dimensions.gender"),
        ({"dimensions": {"area": [["county", "municipality"], ["group"]]}}, 3, "dimensions.area"),
        ({"dimensions": {'a"b': [["sex"]]}}, 3, 'dimensions.a"b'),
        ({"dimensions": {"\ufeffsex": [["sex"]]}}, 3, "dimensions.\ufeffsex"),
        ({"dimensions": {"sex": [["^s.*$"]]}}, 3, "dimensions.sex"),
        ({"dimensions": {"sex": [[""]]}}, 4, "dimensions.sex.1.1"),
        ({"dimensions": {2024: [["sex"]]}}, 3, "dimensions.2024"),
        ({"dimensions": {False: [["sex"]]}}, 3, "dimensions.false"),
        ({7: "x"}, 12, "7"),
        ({"dimensions": {"sex ": [["sex"]]}}, 3, "dimensions.sex "),
        ({"dimensions": {"sex": [[" sex"]]}}, 3, "dimensions.sex"),
        ({"count": "freq "}, 1, "count"),
        ({"count": "*"}, 1, "count"),
        ({"count": ""}, 1, "count"),
        ({"cost": "^freq$"}, 12, "cost"),
    ],
)
def test_a_mistake_in_spec_is_told_by_line_and_key(tmp_path, keys, line, key):
    """Exit 2; a rule that this version does not have is never ignored."""
    assert f"spec.yaml:{line}: {key}: " in refused(TableCase(tmp_path), keys)
