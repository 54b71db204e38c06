"""Random histories: every pupil of a 15 October has one row, and the order of delivered rows does not matter."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import stored
from tests.histories import History, day

STARTS = ["2012-08-20", "2012-10-15", "2012-10-16", "2013-01-10", "2013-08-19"]
ENDS = ["2012-10-14", "2012-10-15", "2013-01-09", "2013-06-12", "2013-10-14", "2013-10-15", "2014-03-01", None]

enrolment = st.tuples(
    st.sampled_from("pqr"),
    st.sampled_from(["2480", "2482", "fri-norrsken"]),
    st.sampled_from(["NA", "BA", "IMS"]),
    st.sampled_from(STARTS),
    st.sampled_from(ENDS),
).filter(lambda e: e[4] is None or e[3] <= e[4])
event = st.tuples(
    st.sampled_from("pqr"),
    st.sampled_from(["2480", "2482"]),
    st.sampled_from(["AVB", "UPP", "SBY", "ATG", "STB"]),
    st.sampled_from(["2012-11-05", "2013-02-01", "2013-06-12", "2013-09-20"]),
)


@given(
    st.lists(enrolment, min_size=1, max_size=8, unique_by=lambda e: e[:4]),
    st.lists(event, max_size=5),
    st.randoms(use_true_random=False),
)
@settings(max_examples=8, deadline=None)
def test_one_row_a_pupil_of_october_whatever_the_order(
    enrolments: list[tuple[str, str, str, str, str | None]], events: list[tuple[str, str, str, str]], random: Random
) -> None:
    """The population is who was enrolled on the day; shuffled deliveries give the same bytes."""
    history = History()
    for pupil, provider, path, start, end in enrolments:
        history.enrol(pupil, provider, path, start, end)
    for pupil, provider, code, on in sorted(set(events)):
        history.event(pupil, provider, code, on)
    written = []
    for _ in range(2):
        with TemporaryDirectory() as folder:
            home, _ = history.link(Path(folder))
            outcomes = stored.rows(home, home.linked("outcomes"))
            written.append(
                [stored.content(home, home.linked(t)) for t in ("enrolments", "outcomes", "kaa", "agency", "moved")]
            )
        for rows in history.rows.values():
            random.shuffle(rows)
    assert written[0] == written[1]
    for year, reference in (("2012/13", day("2012-10-15")), ("2013/14", day("2013-10-15"))):
        enrolled = {
            pupil
            for pupil, _, _, start, end in enrolments
            if day(start) <= reference and (end is None or day(end) >= reference)
        }
        assert sorted(outcomes.filter(school_year=year)["pseudonym"]) == sorted(enrolled)
