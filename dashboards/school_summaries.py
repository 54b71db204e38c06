"""What the figures of a school's page show, in sentences; and how far chance alone reaches around the county's rate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

from avbrott.table import TOTAL
from dashboards.reading import absent
from dashboards.school import DROPOUT, School
from dashboards.words import Words

LIMIT = 1.96
"""Normal deviate of the funnel's limits: about 95 of 100 schools lie inside by chance alone."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The newest period of which both the school's rate and the county's are shown."""

    period: str
    pupils: int
    own: float
    rate: float
    """The county's."""

    def band(self, pupils: float) -> tuple[float, float]:
        """Between what chance alone leaves the rate of so many pupils, if theirs is at heart the county's."""
        half = LIMIT * sqrt(self.rate * (1 - self.rate) / pupils)
        return max(self.rate - half, 0.0), self.rate + half


def chance_of(school: School, table: str) -> Chance | None:
    """The school among what chance gives; None where no period shows what it is made of."""
    for period in reversed(school.periods(table)):
        base = school.cell("tables", table, period, TOTAL, "persons").value
        own = school.cell("tables", table, period, DROPOUT, "share").value
        county = school.cell("county", table, period, DROPOUT, "share").value
        if base and own is not None and county is not None and int(base):
            return Chance(period, int(base), float(own), float(county))
    return None


def years_said(school: School, table: str) -> list[str]:
    """First and last share, the highest and the lowest, and how many years show none and why."""
    words, periods, shown = school.words, school.periods(table), school.shown(table)
    cells = [school.cell("tables", table, period, DROPOUT, "share") for period in periods]
    return _line_said(school, words("school.share"), [(periods[place], share) for place, share in shown]) + absent(
        cells, words, "summary.absent"
    )


def _line_said(school: School, series: str, shown: list[tuple[str, Decimal]]) -> list[str]:
    words = school.words
    told = [(words.share(str(share)), school.year(period), share) for period, share in shown]
    if len(told) < 2:
        return [words("summary.one", series=series, value=value, at=at) for value, at, _ in told]
    (first, first_at, _), (last, last_at, _) = told[0], told[-1]
    said = [words("summary.span", series=series, first=first, first_at=first_at, last=last, last_at=last_at)]
    low, high = min(told, key=lambda one: one[2]), max(told, key=lambda one: one[2])
    if low[0] != high[0]:
        said.append(words("school.range", high=high[0], high_at=high[1], low=low[0], low_at=low[1]))
    return said


def pooled_said(school: School, table: str, least: int) -> list[str]:
    """The newest period that shows the school's share: that of the county, and where it lies among the quartiles."""
    words, shown = school.words, school.shown(table)
    cells = [school.cell("tables", table, period, DROPOUT, "share") for period in school.periods(table)]
    said = []
    if shown:
        place, own = shown[-1]
        period = school.periods(table)[place]
        county = school.cell("county", table, period, DROPOUT, "share")
        at, share = school.year(period), words.share(str(own))
        said.append(
            words("school.pooled.one", period=at, own=share)
            if county.value is None
            else words("school.pooled.beside", period=at, own=share, county=words.share(county.value))
        )
        found = {one["school_year"]: one for one in school.content["compared"][table] if one["outcome"] == DROPOUT}
        said.append(_place_said(words, found[period], own, least) if period in found else "")
    return [one for one in said if one] + absent(cells, words, "summary.absent")


def _place_said(words: Words, compared: dict[str, object], own: Decimal, least: int) -> str:
    quartiles = compared["quartiles"]
    if not isinstance(quartiles, list):
        return words("school.pooled.fewer", least=words.whole(least))
    lower, upper = Decimal(quartiles[0]), Decimal(quartiles[2])
    place = "below" if own < lower else "above" if own > upper else "within"
    bounds = {"lower": words.share(str(lower)), "upper": words.share(str(upper))}
    return words("school.pooled.half", **bounds) + " " + words(f"school.pooled.{place}")


def chance_cells(words: Words, found: Chance) -> tuple[tuple[str, str], ...]:
    """The figures that the funnel is drawn of: pupils, the school's share, the county's, and the band's bounds."""
    bounds = found.band(found.pupils)
    shares = [words.share(str(Decimal(str(one)))) for one in (found.own, found.rate, *bounds)]
    return tuple((cell, "text") for cell in (words.whole(found.pupils), *shares))


def chance_said(school: School, found: Chance) -> list[str]:
    """Whether the school lies within what chance gives."""
    low, high = found.band(found.pupils)
    way = "inside" if low <= found.own <= high else "above" if found.own > high else "below"
    pupils, own, _, lower, upper = (cell for cell, _ in chance_cells(school.words, found))
    period = school.year(found.period)
    told = school.words("school.funnel.said", period=period, own=own, pupils=pupils, low=lower, high=upper)
    return [told, school.words(f"school.funnel.{way}")]
