"""Known answers: biotune held to series whose numbers follow from how they were made, here and now.

`known_answers.cases` makes the series. Each goes through the same functions as a user's recording, and each expectation
is a closed form, a count, or the clean series' own value: never another program's output. NeuroKit2's stock
output for the same intervals can stand beside; it is shown, not judged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biotune.analysis import comparison, neurokit, phases
from biotune.analysis.metrics import CATALOGUE
from biotune.analysis.phases import Prepared
from biotune.analysis.results import Analysis, Comparison, MetricValue
from biotune.analysis.series import BeatSeries, BoolArray, FloatArray, NNSeries, Options
from biotune.domain import Flag, Recording

Answer = float | str
TASK_FORCE = Options(convention="task-force")
_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class Expectation:
    """One known answer.

    Attributes
    ----------
    metric : str
        A key of the catalogue, or of `UNITS` beside it: what is found in the recording rather than measured.
    expected : float or str
        The answer; a word for a verdict, a rhythm, or the reason why there is no value.
    why : str
        The formula or the construction it follows from.
    tolerance_pct : float or None
        How far off biotune may be, per cent of `scale`; None for words, which must be the same.
    scale : float or None
        What an error is a share of: the expected value's size by default. Where nothing is expected it has to be given.
    """

    metric: str
    expected: Answer
    why: str
    tolerance_pct: float | None = None
    scale: float | None = None

    def error_pct(self, answer: Answer | None) -> float | None:
        """Return how far off an answer is, per cent; None where one of the two is no number."""
        if isinstance(answer, str) or answer is None or isinstance(self.expected, str):
            return None
        return 100 * (answer - self.expected) / (self.scale or abs(self.expected))

    def holds(self, answer: Answer) -> bool:
        """Whether an answer is the known one, within the tolerance."""
        error_pct = self.error_pct(answer)
        if error_pct is None or self.tolerance_pct is None:
            return answer == self.expected
        return abs(error_pct) <= self.tolerance_pct


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One made recording, and what is known of it.

    Attributes
    ----------
    name : str
        For tables.
    what : str
        How it is made, in one sentence.
    recording : Recording
        Packets or intervals, as a strap or a file would have them.
    expectations : tuple of Expectation
        The known answers.
    options : Options
        How it is analysed.
    spoilt : ndarray of bool, shape (n_beats,), or None
        Which intervals are not between two true, neighbouring beats; None where all are.
    compared : bool
        Whether its baseline and recovery are compared.
    """

    name: str
    what: str
    recording: Recording
    expectations: tuple[Expectation, ...]
    options: Options = TASK_FORCE
    spoilt: BoolArray | None = None
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One known answer, and what biotune and NeuroKit2 say.

    Attributes
    ----------
    case : Case
        Where it comes from.
    expectation : Expectation
        What is known.
    biotune : float or str
        biotune's answer.
    neurokit2 : float or None
        NeuroKit2's; None where it was not asked or has none.
    """

    case: Case
    expectation: Expectation
    biotune: Answer
    neurokit2: float | None

    @property
    def ok(self) -> bool:
        """Whether biotune's answer is the known one."""
        return self.expectation.holds(self.biotune)

    @property
    def unit(self) -> str:
        """The answer's unit; empty for a pure number or a word."""
        unit = unit_of(self.expectation.metric)
        return "" if unit == "1" or isinstance(self.expectation.expected, str) else unit

    @property
    def neurokit2_error_pct(self) -> float | None:
        """How far off NeuroKit2 is, per cent; None where its stock output has another unit."""
        if neurokit.STOCK_UNITS.get(self.expectation.metric) == neurokit.NORMALISED:
            return None
        return self.expectation.error_pct(self.neurokit2)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        known = self.expectation
        return {
            "case": self.case.name,
            "metric": known.metric,
            "unit": self.unit,
            "expected": known.expected,
            "why": known.why,
            "biotune": self.biotune,
            "error_pct": known.error_pct(self.biotune),
            "tolerance_pct": known.tolerance_pct,
            "ok": self.ok,
            "neurokit2": self.neurokit2,
            "neurokit2_error_pct": self.neurokit2_error_pct,
        }


@dataclass(frozen=True, slots=True)
class Conformance:
    """Every known answer with what was found."""

    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> int:
        """Count the answers that are not the known ones."""
        return sum(not outcome.ok for outcome in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the document ``biotune.conformance/1``."""
        return {
            "schema": "biotune.conformance/1",
            "cases": [outcome.to_dict() for outcome in self.outcomes],
            "passed": len(self.outcomes) - self.failed,
            "failed": self.failed,
        }


def run(
    cases: Sequence[Case], *, with_neurokit2: bool = True, progress: Callable[[str], None] = lambda _: None
) -> Conformance:
    """Analyse every case and hold it to what is known.

    Parameters
    ----------
    cases : sequence of Case
        As `known_answers.cases` makes them.
    with_neurokit2 : bool
        Whether NeuroKit2 is asked too; that takes most of the time.
    progress : callable, optional
        Told each case's name before it is analysed.

    Returns
    -------
    Conformance
    """
    outcomes: list[Outcome] = []
    for case in cases:
        progress(case.name)
        prepared = phases.prepare(case.recording, correct=case.options.correct)
        found = _Found(
            case,
            prepared,
            phases.analyse(case.recording, case.options, prepared=prepared),
            comparison.compare(case.recording, prepared=prepared) if case.compared else None,
        )
        stock = _stock(case, prepared) if with_neurokit2 else {}
        outcomes += [
            Outcome(case, each, found.answer(each.metric), stock.get(each.metric)) for each in case.expectations
        ]
    return Conformance(tuple(outcomes))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """One case's analysis, asked by key."""

    case: Case
    prepared: Prepared
    analysis: Analysis
    compared: Comparison | None

    def answer(self, metric: str) -> Answer:
        """Look one answer up; a metric that is unavailable answers with its reason."""
        if metric in _ANSWERS:
            return _ANSWERS[metric](self)
        key, _, part = metric.partition(".")
        value = self.analysis.phases[0].metrics[key]
        if part == "flags":
            flags = value.flags if isinstance(value, MetricValue) else ()
            return _SEPARATOR.join(flag for flag in flags if flag is not Flag.ULTRA_SHORT)
        if part and self.compared is not None:
            change = self.compared.changes[key]
            answers: dict[str, Answer] = {
                "change": change.verdict.value if change.estimate is None else change.estimate,
                "verdict": change.verdict.value,
                "caveats": _SEPARATOR.join(change.caveats),
            }
            return answers[part]
        return value.value if isinstance(value, MetricValue) else value.unavailable.value

    def flagged_pct(self, *, spoilt: bool) -> float:
        """Share of the spoilt, or of the clean, intervals that are flagged, per cent."""
        flagged = self.prepared.classified.flagged
        asked = flagged[self.case.spoilt == spoilt] if self.case.spoilt is not None else flagged
        return 100 * float(asked.mean())


_ANSWERS: Mapping[str, Callable[[_Found], Answer]] = {
    "rhythm": lambda found: found.analysis.phases[0].quality.rhythm.value,
    "gaps": lambda found: float(len(found.analysis.gaps)),
    "gap_length": lambda found: sum(gap.end_s - gap.start_s for gap in found.analysis.gaps),
    "gap_reason": lambda found: _SEPARATOR.join(gap.reason for gap in found.analysis.gaps),
    "artefacts_found": lambda found: found.flagged_pct(spoilt=True),
    "beats_wronged": lambda found: found.flagged_pct(spoilt=False),
}
UNITS: Mapping[str, str] = {
    "rhythm": "",
    "gaps": "1",
    "gap_length": "s",
    "gap_reason": "",
    "artefacts_found": "%",
    "beats_wronged": "%",
}


def unit_of(metric: str) -> str:
    """Return the unit of a metric, of what is found beside the metrics, or of a change (a ratio's is 1)."""
    if metric in UNITS:
        return UNITS[metric]
    key, _, part = metric.partition(".")
    return "1" if part and key != "mean_hr" else CATALOGUE[key].unit


def _stock(case: Case, prepared: Prepared) -> dict[str, float | None]:
    """NeuroKit2's stock output for the intervals as they came, its own correction applied where beats are spoilt."""
    beats = prepared.timeline.beats
    wanted = {each.metric for each in case.expectations}
    if case.spoilt is not None:
        beats = _fixed(beats)
    stock = neurokit.stock_metrics(NNSeries.from_beats(beats), only=wanted)
    shares = {key: 100 * share for key in ("lf_nu", "hf_nu") if (share := stock[key]) is not None}  # ours are per cent
    return {**stock, **shares}


def _fixed(beats: BeatSeries) -> BeatSeries:
    peaks_s: FloatArray = neurokit.fix_peaks(beats.time_s)
    rr_ms = (peaks_s[1:] - peaks_s[:-1]) * 1000
    return BeatSeries(peaks_s[1:], rr_ms, beats.stretch[:1].repeat(len(rr_ms)))
