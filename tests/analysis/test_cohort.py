"""A group's numbers against published tables, closed forms and other tools."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.multitest import multipletests

from biotune.analysis import cohort, cohort_document, cohort_words, effect_size, holm, mixed
from biotune.analysis.mixed import Fit, Warned
from biotune.analysis.session_change import Outcome, SessionChange
from biotune.domain import Caveat, ChangeKind, Exclusion, Verdict
from biotune.errors import UsageError
from biotune.report import cohort as report

# Travel times in rails, six rails of three (Pinheiro & Bates, Mixed-Effects Models in S and S-PLUS, 2000, table 1.1)
RAIL = [(55, 53, 54), (26, 37, 32), (78, 91, 85), (92, 100, 96), (49, 51, 50), (80, 85, 83)]
# Effort to rise from four types of stool, nine people (the same, table 1.2 and figure 1.5)
STOOL = [
    (12, 15, 12, 10),
    (10, 14, 13, 12),
    (7, 14, 13, 9),
    (7, 11, 10, 9),
    (8, 11, 8, 7),
    (9, 11, 11, 10),
    (8, 12, 12, 11),
    (7, 11, 8, 7),
    (9, 13, 10, 8),
]
# Hours of sleep gained by ten people with either drug (Student, Biometrika 6:1-25, 1908)
STUDENT = [(0.7, 1.9), (-1.6, 0.8), (-0.2, 1.1), (-1.2, 0.1), (-0.1, -0.1)]
STUDENT += [(3.4, 4.4), (3.7, 5.5), (0.8, 1.6), (0.0, 4.6), (2.0, 3.4)]
BEGAN = datetime(2026, 5, 4, 10, tzinfo=UTC)


def session(
    client: str, before: float, after: float, *, metric: str = "mean_hr", approach: str = "listening", number: int = 0
) -> SessionChange:
    kind = cohort.KINDS[metric]
    outcome = Outcome(kind, "bpm", before, after, None, None, Verdict.NONE)
    began = BEGAN + timedelta(days=number)
    return SessionChange(
        f"S{client}-{approach}-{number}", client, approach, began, "baseline", "recovery", 300.0, {metric: outcome}
    )


def test_holm_by_hand_and_as_statsmodels():
    assert holm.adjusted([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    p = np.random.default_rng(3).uniform(0, 0.2, 12)
    assert holm.adjusted(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm.adjusted([]) == ()


def test_the_published_paired_effect_size():
    # the example of statpsych's ci.stdmean.ps, by Bonett himself (Psychol Methods 13:99-109, 2008)
    found = effect_size.from_summary(110.4 - 102.1, 15.3, 14.6, 0.75, 25)
    assert found.low == pytest.approx(0.2394905, abs=1e-7)
    assert found.high == pytest.approx(0.8705732, abs=1e-7)
    assert found.error == pytest.approx(0.1609934, abs=1e-7)
    assert found.value / effect_size.correction(2 * 24 / (1 + 0.75**2)) == pytest.approx(0.5550319, abs=1e-7)


@pytest.mark.parametrize(("df", "exact"), [(2, 1 / math.sqrt(math.pi)), (4, math.sqrt(2 / math.pi))])
def test_the_small_sample_factor_in_closed_form(df, exact):
    assert effect_size.correction(df) == pytest.approx(exact)


def test_the_small_sample_factor_makes_g_unbiased():
    random = np.random.default_rng(8)
    z = random.normal(size=(20_000, 2, 6))
    before, after = z[:, 0], 0.7 * z[:, 0] + math.sqrt(1 - 0.49) * z[:, 1] + 0.8
    found = [effect_size.paired(b, a).value for b, a in zip(before, after, strict=True)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.02)  # Cohen's d itself is 0.09 too large here


@pytest.mark.parametrize(
    ("before", "after"), [([1, 2, 3], [2, 3, 4]), ([1, 2, 3, 4], [2, 3, 4, 5]), ([1, 1, 1, 1], [1, 2, 3, 4])]
)
def test_an_effect_size_that_nothing_varies_for_is_not_given(before, after):
    assert effect_size.paired(before, after) is None


def test_the_published_mixed_model_of_the_rails():
    # Pinheiro & Bates 2000, section 1.1.2: REML, 66.5, standard error 10.17104; 24.80547 between, 4.020779 within
    found = mixed.fit(
        [float(y) for rail in RAIL for y in rail], ["rest"] * 18, [str(n) for n in range(6) for _ in range(3)]
    )
    (mean,) = found.terms
    assert found.fit is Fit.MIXED
    assert mean.estimate == pytest.approx(66.5)
    assert mean.error == pytest.approx(10.17104, abs=1e-5)
    assert found.client_sd == pytest.approx(24.80547, abs=1e-5)
    assert found.residual_sd == pytest.approx(4.020779, rel=1e-6)
    # and by the analysis of variance of a balanced table: MS between / 18 is the mean's variance
    between = 3 * np.var([np.mean(rail) for rail in RAIL], ddof=1)
    assert mean.error == pytest.approx(math.sqrt(between / 18), rel=1e-6)


def test_the_published_mixed_model_of_the_stools():
    # Pinheiro & Bates 2000, section 1.2.1 (treatment contrasts): T2 3.888889, T3 2.222222, T4 0.666667, each with
    # standard error 0.5186838 on 24 degrees of freedom, p < .0001, .0003, .2110; 1.332465 between, 1.100295 within
    types = ["quiet-rest", "t2", "t3", "t4"]
    found = mixed.fit([float(y) for row in STOOL for y in row], types * 9, [str(n) for n in range(9) for _ in types])
    contrasts = [term for term in found.terms if term.against]
    assert [term.estimate for term in contrasts] == pytest.approx([3.888889, 2.222222, 0.666667], abs=1e-6)
    assert [term.error for term in contrasts] == pytest.approx([0.5186838] * 3, rel=1e-6)
    assert [term.df for term in contrasts] == [24] * 3
    assert [round(term.p, 4) for term in contrasts] == [0.0, 0.0003, 0.2110]
    assert found.client_sd == pytest.approx(1.332465, rel=1e-6)
    assert found.residual_sd == pytest.approx(1.100295, rel=1e-6)
    assert found.warned == ()


def test_the_mixed_model_is_statsmodels_where_that_finds_one():
    random = np.random.default_rng(12)
    client = [f"K{n}" for n in random.integers(0, 9, 60)]
    approach = random.choice(["listening", "quiet-rest", "relaxation"], 60).tolist()
    own = {each: random.normal(0, 2) for each in sorted(set(client))}
    moved = [
        own[each] + random.normal(-2.0 * (kind == "listening"), 1.5)
        for each, kind in zip(client, approach, strict=True)
    ]
    found = mixed.fit(moved, approach, client)
    design = np.array([[kind == name for name in sorted(set(approach))] for kind in approach], dtype=float)
    theirs = MixedLM(np.array(moved), design, np.array(client)).fit(reml=True)
    means = [term for term in found.terms if not term.against]
    assert [term.estimate for term in means] == pytest.approx(theirs.fe_params, rel=1e-4)
    assert [term.error for term in means] == pytest.approx(theirs.bse_fe, rel=1e-3)
    assert found.residual_sd == pytest.approx(math.sqrt(theirs.scale), rel=1e-3)
    assert found.client_sd == pytest.approx(math.sqrt(theirs.cov_re[0, 0]), rel=1e-3)


def test_clients_without_a_second_session_are_a_t_test():
    moved = [after - before for before, after in STUDENT]
    found = mixed.fit(moved, ["listening"] * 10, [str(n) for n in range(10)])
    assert found.fit is Fit.SIMPLE
    assert found.warned == (Warned.ONE_SESSION_EACH,)
    assert found.terms[0].p == pytest.approx(0.002832890, abs=1e-9)  # R: t.test(extra ~ group, sleep, paired = TRUE)
    assert (found.terms[0].low, found.terms[0].high) == pytest.approx((0.7001142, 2.4598858), abs=1e-7)


def test_a_group_that_is_too_small_says_so_and_shows_its_mean_all_the_same():
    made = cohort.summarise([session(str(n), 70, 70 - n) for n in range(3)], ("mean_hr",))
    assert made.models["mean_hr"].model.warned == (Warned.TOO_FEW_CLIENTS,)
    change = made.arms["listening"]["mean_hr"]
    assert (change.clients, change.estimate) == (3, -1.0)
    t = stats.ttest_1samp([0, -1, -2], 0).confidence_interval()
    assert (change.low, change.high) == pytest.approx((t.low, t.high))
    assert change.g is None
    assert any("fewer than 5 clients" in told for told in cohort_words.sentences(made))
    assert not any("Holm" in told for told in cohort_words.sentences(made))  # nothing is told of a p that is not there


@pytest.mark.parametrize(("count", "kept"), [(1, False), (2, False), (3, True)])
def test_a_mean_of_two_clients_looks_no_surer_than_it_is(count, kept):
    rows = [session(f"K{n}", 70, 69 + n / 50) for n in range(count)]
    made = cohort.summarise(rows, ("mean_hr",))
    (arm,) = cohort_document.to_dict(made, {})["arms"]
    change = arm["changes"]["mean_hr"]
    assert (change["low"] is not None, change["high"] is not None) == (kept, kept)
    assert change["no_interval"] == (None if kept else "few-clients")
    told = " ".join(cohort_words.sentences(made))
    assert ("(two clients: too few for an interval)" in told) == (count == 2)
    assert ("95 % interval" in told) == kept
    assert ("takes three clients" in report.as_text(made)) != kept


def test_a_fit_without_any_difference_between_clients_is_told():
    moved = [1.0, -1.0, -1.0, 1.0] * 3
    found = mixed.fit(moved, ["listening"] * 12, [str(n // 2) for n in range(12)])
    assert Warned.SINGULAR in found.warned


def test_the_words_never_lay_an_interval_of_one_calculation_beside_the_p_of_another():
    """Three clients' quiet rests are alike to a tenth: their own interval is narrow, the model's is not."""
    random = np.random.default_rng(4)
    rows = [session(f"K{n % 6}", 70, 70 + random.normal(-6, 8), number=n) for n in range(12)]
    rows += [session(f"K{n}", 70, 69 + n / 50, number=n, approach="quiet-rest") for n in range(3)]
    made = cohort.summarise(rows, ("mean_hr",))
    told = cohort_words.sentences(made)
    (rest,) = [each for each in told if each.startswith("Quiet rest (3 clients")]
    own = stats.ttest_1samp([-1.0, -0.98, -0.96], 0).confidence_interval()
    assert f"({own.low:.1f} to {own.high:.1f})".replace("-", "−") in rest
    assert not re.search(r"\bp\s*[<=]|Holm|singular", " ".join(told))
    (answer,) = [each for each in made.models["mean_hr"].answers if each.term.against]
    (listening,) = [each for each in told if each.startswith("Listening")]
    assert f"({answer.low:.1f} to {answer.high:.1f})".replace("-", "−") in listening.partition("Against quiet rest")[2]
    assert "than chance" in listening or "which chance" in listening


@pytest.mark.parametrize(
    ("low", "high", "p_holm", "said"),
    [
        (-8.0, -2.0, 0.01, "more than chance explains"),
        (-8.0, 1.0, 0.4, "no more than chance can explain"),
        (-8.0, -0.5, 0.09, "which chance can explain where so many questions are asked"),
    ],
)
def test_what_the_model_answers_is_a_word_that_fits_its_p_and_its_interval(low, high, p_holm, said):
    rows = [session(f"K{n}", 70, 66 + n % 3, approach=kind) for n in range(6) for kind in ("listening", "quiet-rest")]
    made = cohort.summarise(rows, ("mean_hr",))
    model = made.models["mean_hr"]
    answers = tuple(
        replace(each, estimate=(low + high) / 2, low=low, high=high, p_holm=p_holm) for each in model.answers
    )
    told = cohort_words.sentences(replace(made, models={"mean_hr": replace(model, answers=answers)}))
    (listening,) = [each for each in told if each.startswith("Listening")]
    assert listening.endswith(f"{said}.")


def test_changes_that_do_not_vary_make_no_model():
    found = mixed.fit([2.0] * 12, ["listening"] * 12, [str(n // 2) for n in range(12)])
    assert (found.fit, found.warned) == (None, (Warned.NOTHING_VARIES,))


def test_few_shared_clients_cost_degrees_of_freedom():
    random = np.random.default_rng(1)
    client = [f"M{n}" for n in range(6)] * 2 + [f"Q{n}" for n in range(6)] * 2
    approach = ["listening"] * 12 + ["quiet-rest"] * 12
    found = mixed.fit(random.normal(size=24).tolist(), approach, client)
    (contrast,) = [term for term in found.terms if term.against]
    assert contrast.df == 10  # twelve clients, two approaches; not the 24 - 12 - 1 of a contrast within clients
    assert Warned.FEW_SHARED in found.warned


def test_each_client_counts_once_in_a_mean_however_many_sessions():
    many = [session("A", 80, 70, number=n) for n in range(9)]
    made = cohort.summarise([*many, session("B", 60, 60)], ("mean_hr",))
    change = made.arms["listening"]["mean_hr"]
    assert (change.sessions, change.clients, change.before, change.after, change.estimate) == (10, 2, 70, 65, -5)


def test_ratios_are_averaged_on_the_log_scale():
    rows = [session(*each, metric="rmssd") for each in (("A", 20, 40), ("B", 40, 20), ("C", 30, 30))]
    made = cohort.summarise(rows, ("rmssd",))
    change = made.arms["listening"]["rmssd"]
    assert change.kind is ChangeKind.RATIO
    assert change.estimate == pytest.approx(1.0)  # doubled and halved: nothing on the whole
    assert change.before == pytest.approx((20 * 40 * 30) ** (1 / 3))
    assert change.low * change.high == pytest.approx(1.0)


def test_the_correction_counts_every_metric_and_approach_that_is_asked_about():
    random = np.random.default_rng(6)
    rows = []
    for client in range(8):
        for approach in ("quiet-rest", "listening", "relaxation"):
            for number in range(2):
                changes = {
                    key: Outcome(
                        cohort.KINDS[key], "", 60.0, 60.0 * math.exp(random.normal(0.05, 0.1)), None, None, Verdict.NONE
                    )
                    for key in ("mean_hr", "rmssd")
                }
                rows.append(
                    SessionChange(
                        f"S{len(rows)}", f"K{client}", approach, BEGAN + timedelta(days=number), outcomes=changes
                    )
                )
    made = cohort.summarise(rows, ("mean_hr", "rmssd"))
    for asked in ("", "quiet-rest"):
        answers = [each for model in made.models.values() for each in model.answers if each.term.against == asked]
        assert len(answers) == (6 if asked == "" else 4)
        theirs = multipletests([each.term.p for each in answers], method="holm")[1]
        assert [each.p_holm for each in answers] == pytest.approx(theirs)
    told = " ".join(cohort_words.sentences(made))
    assert "Against quiet rest: mean heart rate" in told
    assert "Holm" not in told  # p, its correction and how the fit went stand with the model


def test_the_order_of_the_sessions_changes_nothing():
    random = np.random.default_rng(9)
    rows = [session(f"K{n % 7}", 70, 70 + random.normal(), number=n) for n in range(30)]
    once, again = cohort.summarise(rows, ("mean_hr",)), cohort.summarise(rows[::-1], ("mean_hr",))
    assert once == again


def test_everybody_left_out_is_named_with_the_reason():
    nobody = SessionChange("S1", "", "listening", BEGAN, outcomes=session("", 70, 60).outcomes)
    loud = SessionChange("S2", "K", "singing", BEGAN, excluded=Exclusion.NOT_COMPARABLE, why="the client sings")
    gone = Outcome(ChangeKind.RATIO, "ms", 20.0, None, None, None, Verdict.NOT_COMPARABLE)
    half = SessionChange("S3", "K", "listening", BEGAN, outcomes={**session("K", 70, 60).outcomes, "rmssd": gone})
    made = cohort.summarise([nobody, loud, half], ("mean_hr", "rmssd"))
    told = {(each.source, each.metric): each.reason for each in made.excluded}
    assert told == {
        ("S1", ""): Exclusion.NO_CLIENT,
        ("S2", ""): Exclusion.NOT_COMPARABLE,
        ("S3", "rmssd"): Exclusion.NO_VALUE,
    }
    assert made.sessions == 1
    rows = list(cohort_document.rows([nobody, loud, half], ("mean_hr", "rmssd")))
    assert len(rows) == 6
    out = {(row[0], row[7]): row[-2] for row in rows}
    assert out["S3", "mean_hr"] == ""
    assert out["S3", "rmssd"] == "no-value"
    assert all(len(row) == len(cohort_document.COLUMNS) for row in rows)


def test_nobody_at_all_is_a_group_too():
    made = cohort.summarise([])
    assert (made.sessions, made.clients, made.arms, made.models) == (0, 0, {}, {})
    assert cohort_words.sentences(made) == (cohort_words.EMPTY,)


def test_a_group_without_quiet_rest_says_that_resting_alone_changes_hearts():
    made = cohort.summarise([session(f"K{n}", 70, 66 + n) for n in range(6)], ("mean_hr",))
    assert cohort_words.NO_CONTROL in cohort_words.sentences(made)


def test_sessions_in_which_breathing_changed_are_counted_beside_the_ratio():
    slow = Outcome(ChangeKind.RATIO, "ms", 20.0, 10.0, None, None, Verdict.CLEAR, (Caveat.BREATHING_CHANGED,))
    rows = [SessionChange(f"S{n}", f"K{n}", "relaxation", BEGAN, outcomes={"rmssd": slow}) for n in range(2)]
    rows.append(session("K9", 20, 21, metric="rmssd", approach="relaxation"))
    made = cohort.summarise(rows, ("rmssd",))
    assert made.arms["relaxation"]["rmssd"].breathing_changed == 2
    assert any(
        "In 2 of 3 sessions of music-assisted relaxation breathing changed" in told
        for told in cohort_words.sentences(made)
    )


def test_a_metric_that_is_not_compared_is_refused():
    with pytest.raises(UsageError, match="pnn50"):
        cohort.declared(["rmssd", "pnn50"])
    assert cohort.declared(["rmssd", "rmssd"]) == ("rmssd",)


def test_what_is_kept_of_a_session_comes_back_as_it_was():
    outcome = Outcome(ChangeKind.RATIO, "ms", 20.0, 25.0, 1.1, 1.4, Verdict.POSSIBLE, (Caveat.PACER,))
    change = SessionChange("S1", "K-1", "listening", BEGAN, "baseline", "recovery", 300.0, {"rmssd": outcome})
    assert SessionChange.from_dict(change.to_dict()) == change
    out = SessionChange("x.csv", "x.csv", "", None, excluded=Exclusion.FAILED, why="no")
    assert SessionChange.from_dict(out.to_dict()) == out
