"""Pages that are made for one reader each: a school's own figures beside what all schools give. Reads their figures' files.

Such a page stands alone in its folder, with its style sheet and no script, so that it can be handed over as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jinja2

from avbrott.registry import Contracts
from avbrott.release.public import read_json
from avbrott.release.schools import FIGURES, SCHOOLS
from avbrott.table import TOTAL, WINDOW_SEPARATOR
from dashboards.breaks import runs
from dashboards.figures.sketch import Plane, band, box, dots, drawing, line, steps, upright
from dashboards.preliminary import preliminary
from dashboards.released import Cell, read_release
from dashboards.school import DROPOUT, School
from dashboards.school_summaries import Chance, chance_cells, chance_of, chance_said, pooled_said, years_said
from dashboards.site import STATIC, STYLE, environment, write
from dashboards.words import LANGUAGES, Words, site_texts

DOT, OPEN = "sketch-dot", "sketch-open"

NAMES = {"sv": "index.html", "en": "en.html"}

Row = tuple[str, tuple[tuple[str | Cell, str], ...]]


def build_school_pages(private: Path, contracts: Contracts, day: date, release: Path) -> int:
    """Make the pages of every school whose figures lie under ``private``, in both languages; how many schools.

    ``day`` is the release's, and ``release`` its folder: its deliveries tell which years are preliminary. The same figures
    give the same bytes.
    """
    texts = site_texts(contracts)
    made = sorted((private / SCHOOLS).glob(f"*/{FIGURES}"))
    template = environment().get_template("school.html")
    released = read_release(release) if made else None
    for file in made:
        content = read_json(file)
        years = content["labels"]["school_year"]
        late = preliminary(contracts, released, content["system"], years) if released else frozenset()
        for language in LANGUAGES:
            school = School(content, Words(language, texts), contracts, late)
            write_private(file.parent, template, school.words, day, _view(school, contracts))
    return len(made)


def write_private(
    folder: Path,
    template: jinja2.Template,
    words: Words,
    day: date,
    view: Mapping[str, Any],
    names: Mapping[str, str] = NAMES,
) -> None:
    """Write one language's page for one reader into ``folder``, beside its style sheet."""
    other = next(language for language in LANGUAGES if language != words.language)
    given = {**view, "day": day.isoformat(), "t": words, "language": words.language}
    html = template.render(given, other_language=other, other_href=names[other])
    write(folder / STYLE, (STATIC / STYLE).read_text("utf-8"))
    write(folder / names[words.language], html)


def _view(school: School, contracts: Contracts) -> dict[str, Any]:
    own, pooled = (
        next(t.name for t in contracts.tables_of(school.content["system"]) if t.audience == audience)
        for audience in ("school", "comparison")
    )
    rule = contracts.policies[contracts.systems[school.content["system"]].policy].pages
    least = rule.quartiles_over if rule else 0
    chance = chance_of(school, pooled)
    return {
        "title": school.content["school"]["name"],
        "years": _years(school, own),
        "groups": [school.label("outcome", code) for code in _groups(school, own)],
        "years_figure": _years_figure(school, own),
        "pooled": _pooled(school, pooled, least),
        "pooled_figure": _pooled_figure(school, pooled),
        "has_pooled": bool(school.periods(pooled)),
        "funnel_figure": _funnel(school, chance) if chance else None,
        "funnel": [(school.year(chance.period), chance_cells(school.words, chance))] if chance else [],
        "breaks": [text for _, text in school.breaks(own)],
        "years_said": years_said(school, own),
        "pooled_said": pooled_said(school, pooled, least),
        "funnel_said": chance_said(school, chance) if chance else [],
        "least": least,
        "late": bool(school.late),
    }


def _groups(school: School, table: str) -> list[str]:
    """The outcome groups in their order, without those that others of the list add up to."""
    codes = dict.fromkeys(row["outcome"] for row in school.content["tables"][table])
    return [code for code in codes if code not in (TOTAL, "no_dropout")]


def _years(school: School, table: str) -> list[Row]:
    rows = []
    for year in school.periods(table):
        cells: list[tuple[str | Cell, str]] = [
            (school.cell("tables", table, year, code, "persons"), "persons") for code in (TOTAL, *_groups(school, table))
        ]
        cells.append((school.cell("tables", table, year, DROPOUT, "share"), "share"))
        rows.append((school.year(year), tuple(cells)))
    return rows


def _pooled(school: School, table: str, least: int) -> list[Row]:
    rows = []
    for compared in school.content["compared"][table]:
        if compared["outcome"] != DROPOUT:
            continue
        period, words = compared["school_year"], school.words
        quartiles = compared["quartiles"]
        cells: list[tuple[str | Cell, str]] = [
            (school.cell("tables", table, period, TOTAL, "persons"), "persons"),
            (school.cell("tables", table, period, DROPOUT, "share"), "share"),
            (school.cell("county", table, period, DROPOUT, "share"), "share"),
            (words.whole(compared["schools"]) if quartiles else words("school.fewer", least=least), "text"),
        ]
        cells += [(words.share(one), "text") for one in quartiles or ()]
        cells += [(words("school.too_few"), "text")] * (0 if quartiles else 3)
        rows.append((school.year(period), tuple(cells)))
    return rows


def _years_figure(school: School, table: str) -> str | None:
    """None where nothing of it is shown."""
    years = school.periods(table)
    points = _shown(school, table)
    if not points:
        return None
    plane = _plane(school, years, [y for _, y in points])
    cut = school.cuts(table)
    joined = [line(plane, run) for run in _runs(points, cut)]
    marks = "".join(upright(plane, place - 0.5) for place in cut)
    return drawing(school.words("school.years.figure"), plane, marks, *joined, _signs(school, plane, years, points))


def _pooled_figure(school: School, table: str) -> str | None:
    """None where nothing of the school is shown: its place among the others is what the figure is about."""
    periods = school.periods(table)
    points = _shown(school, table)
    if not points:
        return None
    found = {c["school_year"]: c["quartiles"] for c in school.content["compared"][table] if c["outcome"] == DROPOUT}
    boxes = [(periods.index(p), *(100 * float(q) for q in cuts)) for p, cuts in found.items() if cuts and p in periods]
    plane = _plane(school, periods, [y for _, y in points] + [high for _, _, _, high in boxes])
    drawn = [box(plane, x, low, middle, high) for x, low, middle, high in boxes]
    return drawing(school.words("school.pooled.figure"), plane, *drawn, _signs(school, plane, periods, points))


def _funnel(school: School, found: Chance) -> str:
    """The school's pooled rate in the band that chance alone leaves around the county's, by how many pupils."""
    most, words = 2 * found.pupils, school.words
    sizes = [max(most * step / 40, 20.0) for step in range(1, 41)]
    limits = [found.band(size) for size in sizes]
    top = max(100 * limits[4][1], 100 * found.own) * 1.1
    low = [(size, 100 * bounds[0]) for size, bounds in zip(sizes, limits, strict=True)]
    high = [(size, min(100 * bounds[1], top)) for size, bounds in zip(sizes, limits, strict=True)]
    ticks = tuple((n, words.whole(n)) for n in steps(most) if n >= sizes[0])
    plane = Plane((sizes[0], most), (0, top), ticks, _percents(words, top))
    marks = (
        band(plane, low, high),
        line(plane, [(sizes[0], 100 * found.rate), (most, 100 * found.rate)], "sketch-limit"),
        dots(plane, [(found.pupils, 100 * found.own)], OPEN if found.period in school.late else DOT),
    )
    return drawing(words("school.funnel.figure", period=school.year(found.period)), plane, *marks)


def _shown(school: School, table: str) -> list[tuple[float, float]]:
    """Place and percentage of each dropout share that is shown."""
    return [(place, 100 * float(share)) for place, share in school.shown(table)]


def _runs(points: list[tuple[float, float]], cut: list[int]) -> list[list[tuple[float, float]]]:
    """``points`` in runs that a line may join: no year between them is left out, and no series breaks."""
    at = {int(place): (place, value) for place, value in points}
    return [[at[place] for place in run] for run in runs(at, cut)]


def _signs(school: School, plane: Plane, periods: list[str], points: list[tuple[float, float]]) -> str:
    """A dot at each of ``points``, which begin with the place of one of ``periods``; a ring where that is preliminary."""
    return "".join(dots(plane, [point], OPEN if periods[int(point[0])] in school.late else DOT) for point in points)


def _plane(school: School, periods: list[str], values: list[float]) -> Plane:
    top = max([*values, 1.0]) * 1.15
    every = 1 + (len(periods) - 1) // 5
    places = range((len(periods) - 1) % every, len(periods), every)
    ticks = tuple((place, periods[place].rpartition(WINDOW_SEPARATOR)[2]) for place in places)
    return Plane((-0.4, len(periods) - 0.6), (0, top), ticks, _percents(school.words, top))


def _percents(words: Words, top: float) -> tuple[tuple[float, str], ...]:
    return tuple((value, words.whole(value) + words.percent) for value in steps(top))
