"""A session as a paper: for the client in plain words, for a researcher with everything that made the numbers."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from biotune.analysis import client_words, music_record, music_words, self_report, window_words, words
from biotune.analysis.results import Change, Comparison, MetricValue, PhaseAnalysis
from biotune.domain import Caveat, Phase, Recording, Verdict
from biotune.library.subjects import Subject
from biotune.report import drawings, ink, naming, placing, researching
from biotune.report.blocks import Block, Card, Cards, Figure, Heading, Paper, Paragraph, Row, Table, Words
from biotune.report.signal import gap_sentence, signal_pct
from biotune.report.text import NOT_MEDICAL, duration

_HOW_TO_READ = (
    "Thin line: each beat. Thick line: the mean of twenty seconds. Cross: a beat flagged as an artefact and left out. "
    "No line is drawn where there was no signal."
)
_PANELS = (
    ("mean_hr", "Heart rate", "bpm"),
    ("rmssd", "Beat-to-beat variation", "RMSSD, ms"),
    ("breathing_rate", "Breathing rate", "estimated, a minute"),
)
# Slower breathing alone changes HRV, so every such number says so itself (Quintana & Heathers 2014).
_IN_THE_CARD = (Caveat.BREATHING_CHANGED, Caveat.PACER)
_NOTHING_AFTER = "This session has no intervention and recovery that can be compared."


class Audience(StrEnum):
    """For whom a paper is."""

    CLIENT = "client"
    RESEARCHER = "researcher"


def write(subject: Subject, audience: Audience) -> Paper:
    """Lay out a session's paper.

    Parameters
    ----------
    subject : Subject
        A session, or a file.
    audience : Audience
        For whom.
    """
    summary = subject.overview.summary
    client = f" · Client {summary.client}" if summary.client else ""
    for_researcher = audience is Audience.RESEARCHER
    blocks = [
        *_standing(subject),
        *_told(subject, audience),
        *_through_the_session(subject),
        *_music(subject, listed=not for_researcher),
        *_before_during_after(subject),
        *_beside_rest(subject.overview.comparison),
        *_breathing_rates(subject),
        *(researching.blocks(subject) if for_researcher else _numbers(subject)),
        *_said(subject.recording),
    ]
    return Paper(
        title=f"Session report · {subject.name}{client}" if for_researcher else f"Session report{client}",
        facts=tuple(fact for fact in _facts(subject) if fact),
        blocks=tuple(blocks),
        foot=NOT_MEDICAL,
    )


def _facts(subject: Subject) -> Iterator[str]:
    overview = subject.overview
    yield naming.day(overview.summary.started)
    yield naming.title(overview.summary.protocol)
    yield duration(overview.summary.duration_s)
    yield overview.strap or "imported from a file"
    share = signal_pct(overview.analysis.phases)
    yield "" if share is None else f"{share:.0f} % of the signal usable"


def _standing(subject: Subject) -> Iterator[Block]:
    """Say of a session that has no end, or an early one, that this is not the whole of it."""
    overview = subject.overview
    if not overview.summary.finished:
        yield Paragraph("This session is not finished: what follows is what there is so far.")
    elif overview.stopped_early:
        yield Paragraph("This session was ended before its protocol was over.")


def _told(subject: Subject, audience: Audience) -> Iterator[Block]:
    overview = subject.overview
    made = overview.comparison
    if made is None:
        yield Words("There is nothing to compare here", (overview.problem or "It has no two windows to compare.",))
        return
    said = made.words
    if audience is Audience.CLIENT:
        said = tuple(f"{each.said} {each.measured}".rstrip() for each in client_words.tell(made))
    phases = [each.phase for each in overview.analysis.phases]
    yield Words("In plain words", (*said, *((made.reason,) if made.reason else ())))
    yield Cards(
        (
            _card("Heart rate", "mean_hr", made, phases),
            _card("Beat-to-beat variation", "rmssd", made, phases, note="RMSSD"),
            _card("Breathing rate", "breathing_rate", made, phases, note="Estimated"),
            _card("And afterwards?", "mean_hr", overview.after, phases, note="Heart rate"),
        )
    )


def _card(title: str, key: str, comparison: Comparison | None, phases: Sequence[Phase], *, note: str = "") -> Card:
    change = comparison.changes.get(key) if comparison else None
    if comparison is None or change is None:
        return Card(title, "", "", "", (_NOTHING_AFTER,))
    windows = " → ".join(naming.windows(comparison, phases))
    decimals = words.decimals_shown(key, change)
    if change.before is None and change.after is None:
        values = "Not available"
    else:
        unit = "a minute" if change.unit == "1/min" else change.unit
        values = f"{_number(change.before, decimals)} → {_number(change.after, decimals)} {unit}"
    beside = [words.change_phrase(key, change, least_decimals=decimals)]
    beside += [words.caveat_beside(key, caveat) for caveat in change.caveats if caveat in _IN_THE_CARD]
    return Card(
        title,
        f"{note} · {windows}" if note else windows,
        values,
        words.verdict_label(change.verdict),
        tuple(each for each in beside if each),
    )


def _through_the_session(subject: Subject) -> Iterator[Block]:
    overview = subject.overview
    phases, gaps = [each.phase for each in overview.analysis.phases], overview.analysis.gaps
    windows = (overview.comparison.before, overview.comparison.after) if overview.comparison else ()
    caption = [
        _HOW_TO_READ,
        "Bar along the bottom: a window that is compared." if windows else "",
        gap_sentence(gaps),
        "Below: what was played." if overview.plays else "",
    ]
    yield Heading("Heart rate through the session")
    yield Figure(
        drawings.tachogram(overview.tachogram, phases, gaps, overview.plays, windows),
        f"Heart rate against time. {_rates(overview.analysis.phases)}",
        " ".join(part for part in caption if part),
    )
    head = ("Phase", "From", "To", "Mean heart rate", "Usable signal")
    yield Table("The phases, each as a whole", head, tuple(_phase_row(each) for each in overview.analysis.phases))


def _music(subject: Subject, *, listed: bool) -> Iterator[Block]:
    """Tell in a sentence what sounded, and list it; a researcher's paper has the whole record further down."""
    overview = subject.overview
    if told := music_record.sentence(subject.music):
        yield Paragraph(told)
    if overview.plays and listed:
        played = [
            (each.title or "untitled", naming.clock(each.start_s), music_words.end(each, naming.clock(each.end_s)))
            for each in overview.plays
        ]
        yield Table("The music", ("Piece", "From", "To"), tuple(played))


def _phase_row(each: PhaseAnalysis) -> tuple[str, ...]:
    glyph = ink.GLYPHS[ink.KINDS[each.phase.kind]]
    share = signal_pct([each])
    return (
        f"{glyph} {naming.phase_title(each.phase)}",
        naming.clock(each.phase.start_s),
        naming.clock(each.phase.end_s),
        _rate(each),
        "–" if share is None else f"{share:.0f} %",
    )


def _rate(each: PhaseAnalysis) -> str:
    metric = each.metrics["mean_hr"]
    return f"{metric.value:.1f} bpm" if isinstance(metric, MetricValue) else "not available"


def _rates(phases: Sequence[PhaseAnalysis]) -> str:
    return "; ".join(f"{naming.phase_title(each.phase)}: {_rate(each)} on average" for each in phases) + "."


def _before_during_after(subject: Subject) -> Iterator[Block]:
    comparisons = subject.overview.same_first_window
    phases = [each.phase for each in subject.overview.analysis.phases]
    drawn = []
    for key, title, unit in _PANELS:
        if placed := placing.points(key, comparisons):
            titles = [naming.window_title(point.phase, phases) for point in placed]
            decimals = placing.decimals(key, comparisons)
            told = "; ".join(
                f"{name} {point.value:.{decimals}f}{_ends(point, decimals)}"
                for name, point in zip(titles, placed, strict=True)
            )
            svg = drawings.before_during_after(key, unit, placed, titles, decimals=decimals)
            drawn.append((title, Figure(svg, f"{title} ({unit}): {told}.", "")))
    if not drawn:
        return
    yield Heading("Before · during · after")
    yield Row(tuple(drawn))
    windows = [naming.windows(each, phases) for each in comparisons]
    yield Paragraph(window_words.how_to_read(comparisons, windows), small=True)


def _beside_rest(made: Comparison | None) -> Iterator[Block]:
    """Tell the changes beside the client's own quiet rest, with the drift taken off: a result of its own."""
    if made is None or made.beside_quiet_rest is None:
        return
    rows = []
    for key, title, unit in _PANELS:
        beside, change = made.beside_quiet_rest.changes.get(key), made.changes.get(key)
        if beside is None or change is None:
            continue
        left = words.estimate_phrase(beside.kind, beside.unit, beside.beyond) if beside.beyond else "–"
        at_rest = words.estimate_phrase(beside.kind, beside.unit, beside.drift)
        rows.append((f"{title}, {unit}", words.change_phrase(key, change), at_rest, left))
    yield Heading("Beside quiet rest")
    for sentence in made.beside_quiet_rest.words:
        yield Paragraph(sentence)
    if rows:
        head = ("Measure", "This session", "At quiet rest", "With that taken off")
        yield Table("The change, the client's drift at quiet rest, and what is left", head, tuple(rows), words_from=1)


def _breathing_rates(subject: Subject) -> Iterator[Block]:
    """Tell what an assessment of slow breathing rates found, where it was one."""
    if found := subject.overview.analysis.resonance:
        yield Heading("Breathing rates")
        for sentence in found.words:
            yield Paragraph(sentence)


def _ends(point: placing.Point, decimals: int) -> str:
    return "" if point.low is None else f" (95 % interval {point.low:.{decimals}f} to {point.high:.{decimals}f})"


def _numbers(subject: Subject) -> Iterator[Block]:
    """Give a client's paper its numbers: three measures, the windows that are compared, change and verdict.

    One table where all are held against one window; where the windows differ in length, one a comparison.
    """
    comparisons = subject.overview.same_first_window
    phases = [each.phase for each in subject.overview.analysis.phases]
    together = [comparisons] if window_words.share_first(comparisons) else [(each,) for each in reversed(comparisons)]
    tables = [made for each in together if (made := _table(each, phases))]
    if tables:
        yield Heading("The numbers")
        yield from tables


def _table(comparisons: Sequence[Comparison], phases: Sequence[Phase]) -> Table | None:
    measured = {key: placing.points(key, comparisons) for key, _, _ in _PANELS}
    windows = max(measured.values(), key=len, default=())
    if not windows:
        return None
    last = comparisons[-1]
    head = (
        "Measure",
        *(naming.window_title(point.phase, phases) for point in windows),
        f"Change to {naming.phase_title(last.after).lower()} (95 % interval)",
        "Verdict",
    )
    rows = []
    for key, title, unit in _PANELS:
        change = last.changes.get(key)
        decimals = words.decimals_shown(key, change) if change else 0
        values = {point.phase.name: f"{point.value:.{decimals}f}" for point in measured[key]}
        rows.append(
            (
                f"{title}, {unit}",
                *(values.get(point.phase.name, "–") for point in windows),
                _change(key, change, decimals),
                words.verdict_label(change.verdict) if change else "–",
            )
        )
    caption = "Before, during and after, and what changed"
    if len(comparisons) == 1:
        caption = f"What changed: {' → '.join(naming.windows(last, phases))}"
    return Table(caption, head, tuple(rows), words_from=len(head) - 1)


def _change(key: str, change: Change | None, decimals: int) -> str:
    if change is None or change.verdict is Verdict.NOT_COMPARABLE:
        return "–"
    return words.change_phrase(key, change, least_decimals=decimals).replace("95 % interval ", "")


def _said(recording: Recording) -> Iterator[Block]:
    """Tell what the client said before and after, with the difference and what the ends of the scales are."""
    report = self_report.of(recording)
    answers = (*report.ratings, *report.scores)
    if not answers:
        return
    between = any(each.during for each in answers)
    rows = []
    for each in answers:
        during = (each.words_of_during or "–",) if between else ()
        rows.append((each.title, _given(each.before), *during, _given(each.after), each.difference))
    yield Heading("What the client said")
    head = ("", "Before", *(("In between",) if between else ()), "After", "Difference")
    yield Table("Self-report", head, tuple(rows))
    yield Paragraph(self_report.how_to_read(answers), small=True)


def _given(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _number(value: float | None, decimals: int) -> str:
    return "–" if value is None else words.number(value, decimals)
