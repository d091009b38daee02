"""What was said before and after, read from the log alone."""

from dataclasses import replace

from biotune.analysis import made, self_report
from biotune.domain import ContextGiven, Entry, LogLine, RatingGiven, ReadingGiven, Recording, ScoreGiven, Stamp
from biotune.library import compare
from biotune.report import text


def _recording(*entries: Entry) -> Recording:
    lines = [LogLine(k + 1, "x", Stamp("b", k * 10**9, k * 10**9), 0, entry) for k, entry in enumerate(entries)]
    return Recording("S1", tuple(lines))


FOUND = self_report.of(
    _recording(
        RatingGiven("energy", 30, "before"),
        RatingGiven("tension", 80, "before"),
        RatingGiven("tension", 70, "before"),
        RatingGiven("tension", 55),
        ScoreGiven("STAI-6", 44, "before"),
        ReadingGiven("systolic", 128, "mmHg", "2026-05-14T10:02"),
        ReadingGiven("systolic", 118, "mmHg", "2026-05-14T10:02"),
        ContextGiven("caffeine", "none today"),
        ContextGiven("food", "within 2 hours"),
        ContextGiven("food", ""),
        RatingGiven("tension", 40, "after"),
        ScoreGiven("STAI-6", 38, "after"),
        RatingGiven("own scale", 3, "after"),
    )
)


def test_of_two_words_about_one_thing_the_last_holds() -> None:
    assert [each.name for each in FOUND.ratings] == ["tension", "energy", "own scale"]
    tension = FOUND.rating("tension")
    assert (tension.before, tension.after, tension.change) == (70, 40, -30)
    assert tension.during == ((3.0, 55),)
    assert FOUND.rating("energy").change is None
    assert (FOUND.scores[0].before, FOUND.scores[0].after) == (44, 38)
    assert [reading.value for reading in FOUND.readings] == [118]
    assert FOUND.context == {"caffeine": "none today"}


def test_it_is_told_without_a_verdict() -> None:
    assert FOUND.words == (
        "Tension 70 → 40 (0 quite loose, 100 as tense as can be), in between: 55 at 0:03",
        "Energy 30 → – (0 none at all, 100 more than enough)",
        "own scale – → 3",
        "STAI-6 44 → 38",
        "Blood pressure, upper 118 mmHg, taken 2026-05-14 10:02",
        "Caffeine: none today",
    )
    assert FOUND.to_dict()["ratings"]["tension"] == {
        "before": 70,
        "after": 40,
        "change": -30,
        "during": [{"time_s": 3.0, "value": 55}],
    }


def test_a_session_in_which_nobody_said_anything_is_empty() -> None:
    assert self_report.of(_recording()).is_empty
    assert not FOUND.is_empty


def test_the_documents_of_a_comparison_tell_it_beside_the_heart() -> None:
    heart = made.before_and_after("S1", made.waves(300), made.waves(300))
    said = [RatingGiven("tension", 70, "before"), RatingGiven("tension", 40, "after")]
    lines = [LogLine(9000 + k, "x", heart.lines[-1].stamp, 0, entry) for k, entry in enumerate(said)]
    compared = compare(replace(heart, lines=(*heart.lines, *lines)))
    assert compared.to_dict()["ratings"]["tension"]["change"] == -30
    assert "Tension 70 → 40" in text.comparison(compared)
    assert "ratings" not in compare(heart).to_dict()
