"""Sentences that would hurt if they were wrong."""

import re
from dataclasses import replace

import pytest

from biotune.analysis import client_words, words
from biotune.analysis.results import Change, Comparison, Provenance
from biotune.domain import Caveat, ChangeKind, Phase, PhaseKind, Verdict, Yardstick


def difference(estimate: float, low: float, high: float, verdict: Verdict, *, before: float = 79.0) -> Change:
    needed = before * (1 - 1 / 1.151) if estimate < 0 else before * 0.151
    return Change(ChangeKind.DIFFERENCE, before, before + estimate, estimate, low, high, needed, verdict, (), "bpm")


def ratio(before: float, after: float, low: float, high: float, verdict: Verdict) -> Change:
    return Change(ChangeKind.RATIO, before, after, after / before, low, high, 1.70, verdict, (), "ms")


def breathing(before: float, after: float, verdict: Verdict) -> Change:
    moved = after - before
    return Change(ChangeKind.DIFFERENCE, before, after, moved, moved - 1, moved + 1, None, verdict, (), "1/min")


NONE_THERE = Change(
    ChangeKind.RATIO, None, None, None, None, None, None, Verdict.NOT_COMPARABLE, (Caveat.IRREGULAR_RHYTHM,), "ms"
)


def told(changes: dict[str, Change], *caveats: Caveat) -> Comparison:
    before = Phase("baseline", PhaseKind.BASELINE, None, 0, 300)
    after = Phase("recovery", PhaseKind.RECOVERY, None, 1200, 1500)
    made_by = Provenance("0", "0", {}, "")
    return Comparison("S1", before, after, 300, changes, (), made_by, caveats=caveats)


def test_the_sentence_of_the_contract() -> None:
    change = difference(-6.0, -7.0, -5.0, Verdict.POSSIBLE, before=75.0)
    assert words.metric_sentences("mean_hr", change) == (
        "Heart rate fell by 6 bpm (95 % interval 5 to 7). That is a possible change: it is larger than chance within "
        "this session, but smaller than the 10 bpm by which two resting measurements of one person can differ."
    )


def test_a_fall_short_of_what_is_needed_never_reads_as_equal_to_it() -> None:
    sentence = words.metric_sentences("mean_hr", difference(-10.0, -11.0, -9.0, Verdict.POSSIBLE))
    assert "fell by 10 bpm" in sentence
    assert "smaller than the 10.4 bpm" in sentence


def test_a_clear_rise_says_both_yardsticks() -> None:
    sentence = words.metric_sentences("mean_hr", difference(15.0, 12.0, 18.0, Verdict.CLEAR))
    assert "rose by 15 bpm (95 % interval 12 to 18)" in sentence
    assert "clear change" in sentence
    assert "larger than the 12 bpm" in sentence


def test_nothing_ever_falls_by_0() -> None:
    sentence = words.metric_sentences("mean_hr", difference(0.4, -1.2, 2.0, Verdict.NONE))
    assert sentence == "Heart rate stayed about the same: +0.4 bpm (95 % interval −1.2 to 2.0)."
    small = words.metric_sentences("mean_hr", difference(-0.3, -0.5, -0.1, Verdict.POSSIBLE))
    assert "fell by 0.3 bpm (95 % interval 0.1 to 0.5)" in small
    tiny = words.metric_sentences("mean_hr", difference(-0.03, -0.05, -0.01, Verdict.POSSIBLE))
    assert "fell by 0.03 bpm (95 % interval 0.01 to 0.05)" in tiny


def test_a_large_but_unsure_difference_is_not_called_the_same() -> None:
    sentence = words.metric_sentences("mean_hr", difference(-6.0, -13.0, 1.0, Verdict.NONE))
    assert "about the same" not in sentence
    assert "6 bpm lower" in sentence
    assert "no clear change" in sentence


def test_the_same_is_said_only_where_the_interval_lies_within_what_resting_measurements_differ_by() -> None:
    """From 79 bpm: a fall of 10.4 or a rise of 11.9 (Cipryan 2016); RMSSD ×1.70 either way."""
    told = words.metric_sentences("mean_hr", difference(-0.8, -11.2, 9.6, Verdict.NONE))
    assert told == (
        "Heart rate showed no clear change: −0.8 bpm (95 % interval −11.2 to 9.6). "
        "It may have fallen by 11 bpm or risen by 10 bpm; this session cannot tell."
    )
    within = difference(0.8, -10.3, 11.8, Verdict.NONE)
    assert "stayed about the same" in words.metric_sentences("mean_hr", within)
    beyond = words.metric_sentences("mean_hr", difference(0.8, -10.5, 11.0, Verdict.NONE))
    assert "the same" not in beyond
    assert "cannot tell" in beyond
    assert "about the same" in words.metric_sentences("rmssd", ratio(22, 22.4, 0.8, 1.5, Verdict.NONE))
    wide = words.metric_sentences("rmssd", ratio(22, 22.4, 0.53, 1.9, Verdict.NONE))
    assert "It may have fallen by 47 % or risen by 90 %; this session cannot tell." in wide
    assert "the same" not in wide


def test_what_the_client_s_own_sessions_tell_is_the_same_either_way() -> None:
    own = replace(
        difference(0.5, -3.0, 4.0, Verdict.NONE), smallest_detectable=3.5, smallest_detectable_source=Yardstick.OWN
    )
    assert "cannot tell" in words.metric_sentences("mean_hr", own)
    assert "about the same" in words.metric_sentences("mean_hr", replace(own, high=3.4))


def test_without_a_yardstick_no_change_is_not_called_the_same() -> None:
    told = words.metric_sentences("breathing_rate", breathing(15.0, 15.2, Verdict.NONE))
    assert told.startswith("Breathing, as estimated, showed no clear change: +0.2 breaths a minute")
    assert "the same" not in told


def test_a_wide_interval_that_hardly_reaches_the_other_side_neither_falls_nor_rises_by_0() -> None:
    told = words.metric_sentences("mean_hr", difference(-6.5, -13.0, 0.01, Verdict.NONE))
    assert "6.5 bpm lower" in told
    assert "It may have fallen by 13 bpm or not at all; this session cannot tell." in told


def test_rmssd_has_a_plain_name_and_its_factor() -> None:
    sentence = words.metric_sentences("rmssd", ratio(22, 34.8, 1.41, 1.77, Verdict.POSSIBLE))
    assert sentence.startswith(
        "Beat-to-beat variation (RMSSD) rose from 22 to 35 ms, ×1.58 (95 % interval 1.41 to 1.77)."
    )
    assert "smaller than the factor of 1.70" in sentence


def test_without_a_published_retest_error_the_sentence_says_so() -> None:
    sentence = words.metric_sentences("breathing_rate", breathing(15, 10, Verdict.POSSIBLE))
    assert "fell by 5 breaths a minute" in sentence
    assert "no published figure" in sentence


def test_cards_have_signs_units_and_a_true_minus() -> None:
    assert words.change_phrase("mean_hr", difference(-6.2, -7.1, -5.3, Verdict.POSSIBLE)) == (
        "−6 bpm (95 % interval −7 to −5)"
    )
    assert words.change_phrase("rmssd", ratio(22, 34.8, 1.41, 1.77, Verdict.POSSIBLE)) == (
        "×1.58 (95 % interval 1.41 to 1.77)"
    )
    assert words.change_phrase("rmssd", NONE_THERE) == "Missing in at least one window"


def test_every_comparison_ends_with_what_one_session_can_show() -> None:
    made = told({"mean_hr": difference(-6.0, -7.0, -5.0, Verdict.POSSIBLE)})
    assert words.sentences(made)[-1].startswith("One session shows a response, not an effect")


def test_breathing_that_changed_is_said_right_after_the_metrics() -> None:
    made = told(
        {
            "mean_hr": difference(-6.0, -7.0, -5.0, Verdict.POSSIBLE),
            "rmssd": ratio(22, 40, 1.6, 2.1, Verdict.CLEAR),
            "breathing_rate": breathing(15, 6, Verdict.POSSIBLE),
            "hf": ratio(500, 100, 0.1, 0.4, Verdict.POSSIBLE),
        },
        Caveat.BREATHING_CHANGED,
    )
    sentences = words.sentences(made)
    assert words.caveat_sentence(Caveat.BREATHING_CHANGED) == sentences[3]
    assert "HF does not stand for vagal modulation" in sentences[4]


def test_an_irregular_rhythm_is_not_called_a_diagnosis() -> None:
    made = told({"mean_hr": difference(-1.0, -4.0, 2.0, Verdict.NONE), "rmssd": NONE_THERE}, Caveat.IRREGULAR_RHYTHM)
    text = " ".join(words.sentences(made))
    assert "this is not a diagnosis" in text
    assert "missing" in text


def test_a_caveat_beside_a_metric_is_about_that_metric() -> None:
    assert "variability" not in words.caveat_beside("mean_hr", Caveat.PACER)
    assert "variability" not in words.caveat_beside("breathing_rate", Caveat.PACER)
    assert "variability" in words.caveat_beside("rmssd", Caveat.PACER)
    made = told({"mean_hr": difference(-6.0, -7.0, -5.0, Verdict.POSSIBLE)}, Caveat.PACER)
    assert sum("paced" in sentence for sentence in words.sentences(made)) == 1


def test_labels_and_caveats_cover_every_word_of_the_contract() -> None:
    assert {words.verdict_label(verdict) for verdict in Verdict} == {
        "Clear change",
        "Possible change",
        "No clear change",
        "Not comparable",
    }
    assert all(words.caveat_sentence(caveat).endswith(".") for caveat in Caveat)


def test_the_headline_is_one_short_sentence() -> None:
    assert words.headline(told({"mean_hr": difference(-6.0, -7.0, -5.0, Verdict.POSSIBLE)})) == (
        "Heart rate fell by 6 bpm from the baseline to the recovery: a possible change."
    )
    assert "no clear change" in words.headline(told({"mean_hr": difference(-1.0, -4.0, 2.0, Verdict.NONE)}))


FORBIDDEN = re.compile(
    r"relax|improv|better|worse|calm|stress|healthy|normal|effective|therap|benefit|sympath|diagnos(?!is\.)|p\s*[<=]",
    re.IGNORECASE,
)


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("sign", [-1, 1])
def test_no_sentence_judges_or_claims(verdict: Verdict, sign: int) -> None:
    made = told(
        {
            "mean_hr": difference(sign * 12.0, sign * 12 - 2.0, sign * 12 + 2.0, verdict),
            "rmssd": ratio(22, 22 * 2.0**sign, 1.1, 3.0, verdict),
            "breathing_rate": breathing(15, 15 + 7 * sign, verdict),
        },
        *Caveat,
    )
    text = " ".join([*words.sentences(made), words.headline(made)]).replace("this is not a diagnosis", "")
    assert not FORBIDDEN.search(text)


def test_two_values_that_round_alike_are_told_apart() -> None:
    sentence = words.metric_sentences("rmssd", ratio(26.2, 26.9, 1.01, 1.05, Verdict.POSSIBLE))
    assert "rose from 26.2 to 26.9 ms" in sentence


# ---------------------------------------------------------------- as the client reads it


def test_the_client_reads_plain_words_first_and_the_interval_after_them() -> None:
    told = client_words.metric("mean_hr", difference(-6.0, -7.0, -5.0, Verdict.POSSIBLE, before=75.0))
    assert told.said == (
        "Heart rate fell by 6 bpm. That is a possible change: it is larger than chance within this session, but "
        "smaller than the 10 bpm by which two resting measurements of one person can differ."
    )
    assert told.measured == "Measured: −6 bpm (95 % interval −7 to −5)."
    same = client_words.metric("mean_hr", difference(0.4, -1.2, 2.0, Verdict.NONE))
    assert (same.said, same.measured) == (
        "Heart rate stayed about the same.",
        "Measured: +0.4 bpm (95 % interval −1.2 to 2.0).",
    )
    factor = client_words.metric("rmssd", ratio(22, 34.8, 1.41, 1.77, Verdict.POSSIBLE))
    assert factor.said.startswith("Beat-to-beat variation (RMSSD) rose from 22 to 35 ms. That is a possible change")
    assert factor.measured == "Measured: ×1.58 (95 % interval 1.41 to 1.77)."


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("half", [0.4, 2.0, 30.0])
def test_the_client_is_told_the_same_facts_without_brackets(verdict: Verdict, sign: int, half: float) -> None:
    made = told(
        {
            "mean_hr": difference(sign * 6.0, sign * 6 - half, sign * 6 + half, verdict),
            "rmssd": ratio(22, 22 * 1.5**sign, 0.5, 3.0, verdict),
            "breathing_rate": breathing(15, 15 + 0.3 * sign, verdict),
        },
        *Caveat,
    )
    made = replace(made, words=words.sentences(made))
    for paragraph, full in zip(client_words.tell(made), made.words, strict=True):
        assert not re.search(r"interval|\(95", paragraph.said)
        assert not FORBIDDEN.search(paragraph.said.replace("this is not a diagnosis", ""))
        if paragraph.measured:
            assert "95 % interval" in paragraph.measured
            for fact in ("clear change", "possible change", "no clear change", "about the same", "cannot tell"):
                assert (fact in paragraph.said) == (fact in full)
