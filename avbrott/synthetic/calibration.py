"""What the invented county is calibrated with (``contracts/synthetic.yaml``). No draws are made here.

Every figure stands in the YAML file with its source; here is only its form. Contracts of one's own without the file use the
packaged one: codes that it does not list get its defaults.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Le, Len

from avbrott.contract_folder import own_or_packaged
from avbrott.model import Model
from avbrott.registry import read_contract

Share = Annotated[float, Ge(0), Le(1)]
Months = Annotated[tuple[float, ...], Len(12, 12)]
"""One figure a month, July to June."""
ByStudyYear = Annotated[tuple[float, ...], Len(4, 4)]
"""One figure a year of study, 1 to 4."""


class Outside(Model):
    """Pupils from other counties."""

    share: Share
    codes: tuple[str, ...]


class Choice(Model):
    """Where pupils of one municipality go to school."""

    stay: Share
    to: dict[str, float] = {}


class Choices(Model):
    """``Choice`` by municipality."""

    default: Choice
    municipalities: dict[str, Choice] = {}


class UnitWeights(Model):
    """How large a school unit is within its municipality."""

    by_kind: dict[str, float]
    by_code: dict[str, float] = {}


class ProgrammeWeight(Model):
    """How many choose a programme, and the share of women among them."""

    weight: float
    women: Share


class ProgrammeWeights(Model):
    """``ProgrammeWeight`` by programme."""

    default: ProgrammeWeight
    weights: dict[str, ProgrammeWeight] = {}

    def __getitem__(self, programme: str) -> ProgrammeWeight:
        return self.weights.get(programme, self.default)


class Reform(Model):
    """A suffix of study path codes for enrolments that start on or after a day."""

    valid_from: date
    suffix: str
    types: tuple[str, ...]


class Paths(Model):
    """How study path codes are made from programmes."""

    orientations: dict[str, tuple[str, ...]]
    reform: Reform
    recoded: tuple[str, ...]
    """Types of programme whose running enrolments get the new code when theirs is replaced."""


class Returns(Model):
    """How many of those who left come back, when and where."""

    within_quarters: Annotated[tuple[Share, ...], Len(4, 4)]
    later: Share
    same_school: Share
    same_programme: Share
    introductory: Share


class FolkHighSchool(Model):
    """Those who left and go on at a folk high school."""

    share: Share
    study_path: str
    first_month: int
    last_month: int


class Dropout(Model):
    """Leaving without a certificate and without another school."""

    by_type: dict[str, Share]
    default: Share
    by_programme: dict[str, float] = {}
    men: float
    women: float
    by_study_year: ByStudyYear
    by_school_year: dict[int, float] = {}
    season: Months
    causes: dict[str, float]
    returns: Returns
    folk_high_school: FolkHighSchool


class Change(Model):
    """Change of programme or school, without a gap."""

    programme_by_study_year: ByStudyYear
    school_by_study_year: ByStudyYear
    introductory_by_study_year: ByStudyYear
    same_school: Share
    restart: Share
    season: Months


class Introductory(Model):
    """What follows a year on an introductory programme."""

    to_national: dict[str, Share]
    to_national_default: Share
    longest_years: int


class Pause(Model):
    """Planned pauses."""

    share: Share
    season: Months
    shortest_months: int
    longest_months: int
    returns: Share


class Exits(Model):
    """Ways out of the county's schools that are no dropouts, as yearly shares."""

    emigrated: Share
    deceased: Share
    other_county: Share


class FourthYear(Model):
    """What a fourth year ends in; the rest leave."""

    diploma: Share
    certificate: Share


class Finish(Model):
    """What a third year ends in, by type of programme; the rest stay for a fourth."""

    diploma: dict[str, Share]
    certificate: dict[str, Share]
    fourth_year: FourthYear


class Reports(Model):
    """When schools register what happened, in days after it, and how often they correct it a term later."""

    usual_days: int
    late_share: Share
    late_first_days: int
    late_last_days: int
    corrected_share: Share


class Absence(Model):
    """Minutes of absence by pupil and month, as shares of offered time."""

    offered_by_month: Months
    invalid_median_share: float
    invalid_spread: float
    invalid_month_spread: float
    by_type: dict[str, float]
    before_dropout: float
    none_share: Share
    valid_mean_share: float
    unreported_share: Share
    partly_reported_share: Share
    highest_share: Share


class Kaa(Model):
    """Registrations under the municipal activity responsibility."""

    dropouts: Share
    never_started: Share
    moved_in: Share
    introductory_until: date
    reasons_from: date
    reason_missing_before: Share
    reason_missing: Share
    first_day: int
    last_day: int
    contacted: Share
    occupations: dict[str, float]
    occupation_known: Share
    measures: dict[str, float]
    measure_share: Share
    moved: Share
    completed_elsewhere: Share


class AgencyCounts(Model):
    """The agencies' counts per 1 000 weights of a municipality."""

    default: float
    by_indicator: dict[str, float]
    season: Months
    by_school_year: dict[int, float]


class Deliveries(Model):
    """Month and day on which a term's delivery comes, and how many days a late one is late."""

    autumn: Annotated[str, Len(5, 5)]
    spring: Annotated[str, Len(5, 5)]
    late_days: tuple[int, int]


class Calibration(Model):
    """All parameters of the invented county."""

    municipalities: dict[str, float]
    municipality_default: float
    outside: Outside
    choice: Choices
    units: UnitWeights
    offers: dict[str, tuple[str, ...]] = {}
    paths: Paths
    programmes: ProgrammeWeights
    dropout: Dropout
    change: Change
    introductory: Introductory
    pause: Pause
    exits: Exits
    finish: Finish
    reports: Reports
    absence: Absence
    kaa: Kaa
    agency_counts: AgencyCounts
    deliveries: Deliveries


def load_calibration(folder: Path) -> Calibration:
    """Read ``synthetic.yaml``; ``BadInput`` names the key of what cannot be used."""
    return read_contract(own_or_packaged(folder, "synthetic.yaml"), Calibration)
