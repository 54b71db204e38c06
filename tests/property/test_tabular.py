"""``avbrott.tabular`` against Hypothesis: reading against an independent count, public witnesses against their equations."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.errors import BadInput
from avbrott.tabular.cube import count_cube
from avbrott.tabular.layout import Layout, lay_out
from avbrott.tabular.near import Near
from avbrott.tabular.public import equations
from avbrott.tabular.public_witnesses import find_systems, two_values
from avbrott.tabular.read import read_base
from avbrott.tabular.settled import one_value
from avbrott.tabular.spec import Spec
from avbrott.tabular.words import words

CODES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4).filter(
    lambda code: code.strip() == code and code.lower() not in words().sums
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_cells_are_those_that_a_dictionary_counts(data: st.DataObject) -> None:
    """Any codes, any order of rows, counts in long form: every sum over groups, windows and totals is right.

    A zero is a cell where two codes cross that somebody has.
    """
    groups = data.draw(st.lists(CODES, min_size=1, max_size=2, unique=True))
    places = data.draw(st.lists(CODES.filter(lambda c: c not in groups), min_size=1, max_size=4, unique=True))
    over = {place: data.draw(st.sampled_from(groups)) for place in places}
    years = ["1", "2", "10"]
    leaves = data.draw(st.lists(st.tuples(st.sampled_from(places), st.sampled_from(years)), min_size=1, max_size=12))
    rows = [(over[place], place, year, data.draw(st.integers(0, 30))) for place, year in leaves]
    rows += [(over[places[0]], places[0], year, 0) for year in years]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("g", "p", "y", "n"), *rows])
    spec = Spec.model_validate(
        {"count": "n", "dimensions": {"count": [["g", "p"]], "delta": [["y"]]}, "windows": {"delta": 2}}
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "input.csv"
        file.write_text(text.getvalue(), "utf-8")
        base = read_base(file, spec)
    layout = lay_out(spec, base)
    cells = count_cube(layout, base, spec.policy.policy({}))
    wanted: Counter[tuple[str, str]] = Counter()
    for group, place, year, n in rows:
        windows = [w for w, held in (("1..2", "1 2"), ("2..10", "2 10")) if year in held.split()]
        for where, when in itertools.product((group, place, "Total"), (year, "Total", *windows)):
            wanted[where, when] += n
    found = {(where, when): n for where, when, n in cells.select("d0", "d1", "count").iter_rows()}
    held = [{code for (*_, n), code in zip(wanted.items(), codes, strict=True) if n} for codes in zip(*wanted, strict=True)]
    crossed = {place: 0 for place in itertools.product(*held) if "Total" not in place}
    assert found == crossed | {place: n for place, n in wanted.items() if n}


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(st.binary(max_size=60) | st.text('a,b\n"1-. T', max_size=40).map(str.encode))
def test_no_file_ends_in_anything_but_cells_or_a_message(content: bytes) -> None:
    """Whatever the bytes are, the error is one of ours, and tells no value."""
    spec = Spec.model_validate({"count": "b", "dimensions": {"a": [["a"]]}})
    with tempfile.TemporaryDirectory() as folder:
        for name in ("input.csv", "input.csv.gz", "input.parquet"):
            file = Path(folder) / name
            file.write_bytes(b"a,b\n" + content if name == "input.csv" else content)
            try:
                assert read_base(file, spec).frame.height
            except BadInput as error:
                assert set(error.parameters) <= {"file", "line", "column", "rows", "kind", "ending"}  # noqa: PT017  other errors fail


@st.composite
def published(draw: st.DrawFn) -> tuple[Layout, pl.DataFrame, str]:
    """A table of two or three dimensions with some cells hidden, as public.csv has it, and the truth behind it."""
    sizes = draw(st.lists(st.integers(2, 3), min_size=2, max_size=3))
    zeros = draw(st.sampled_from(["may_hide", "shown"]))
    observed = draw(st.booleans())
    dimensions = {
        f"d{d}": Dimension(f"d{d}", pl.DataFrame({"l": [f"c{i}" for i in range(n)]}), (("l",),)) for d, n in enumerate(sizes)
    }
    table = Table("1", dict.fromkeys(dimensions, ("l",)))
    codes = [[*(f"c{i}" for i in range(n)), "Total"] for n in sizes]
    leaf = {place: draw(st.integers(0, 6)) for place in itertools.product(*(c[:-1] for c in codes))}
    rows = []
    for place in itertools.product(*codes):
        count = sum(n for at, n in leaf.items() if all(c in {"Total", a} for c, a in zip(place, at, strict=True)))
        never = zeros == "shown" or (observed and sum(code != "Total" for code in place) < 2)
        hidden = draw(st.booleans()) and not (never and count == 0)
        if count or hidden:
            rows.append((*place, count, hidden))
    schema = {**dict.fromkeys(dimensions, pl.String), "count": pl.Int64, "hidden": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort(list(dimensions))
    return (
        Layout(SystemSpec("s", dimensions, (table,), observed=observed), dict(zip(dimensions, dimensions, strict=True))),
        frame,
        zeros,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(published())
def test_public_witnesses_agree_with_what_is_published_and_come_from_nothing_else(
    case: tuple[Layout, pl.DataFrame, str],
) -> None:
    """Every system solves every sum in whole numbers; a cell without two values has none that a search around it finds."""
    layout, frame, zeros = case
    public = frame.with_columns(count=pl.when("hidden").then(None).otherwise("count"))
    known = equations(layout, public, zeros)
    truth = frame.filter("hidden")["count"].to_numpy().astype(np.int64)
    assert known.hold(truth[:, None]).all(), "the truth is one of the systems"
    systems = find_systems(known, Near(layout, frame.filter("hidden")))
    if not len(truth):
        assert not len(systems)
        return
    assert len(systems), "there is a system, so one is found"
    assert known.hold(systems.T).all()
    assert (systems.min(axis=0) >= known.least).all()
    settled = one_value(known, systems)
    assert (systems[:, settled] == truth[settled]).all(), "what has one value has the true one in every system"
    values = np.vstack([systems, truth])
    missed = ~two_values(systems) & two_values(values)
    assert int(missed.sum()) <= len(truth) // 4
