"""Changes of many sessions of several clients: a mixed model with the client as random effect.

The model says: a session's change is the mean of its approach, plus what is peculiar to its client, plus chance. It is
fitted by restricted maximum likelihood (statsmodels' MixedLM); t quantiles and their degrees of freedom follow Pinheiro
& Bates, Mixed-Effects Models in S and S-PLUS, 2000, section 2.4.2, since the normal ones that MixedLM prints promise
too much where clients are few.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from biotune.analysis.series import FloatArray
from biotune.analysis.session_change import CONTROL

LEAST_CLIENTS = 5  # below, the spread between clients cannot be estimated
LEAST_SPREAD = 1e-12
_BOUNDARY = 1e-4  # of the residual variance: a client's own part that small was not seen


class Fit(StrEnum):
    """How a model was fitted."""

    MIXED = "mixed-model"
    SIMPLE = "least-squares"


class Warned(StrEnum):
    """What must be said beside a model."""

    TOO_FEW_CLIENTS = "too-few-clients"
    NOTHING_VARIES = "nothing-varies"
    SINGULAR = "singular"
    NOT_CONVERGED = "not-converged"
    ONE_SESSION_EACH = "one-session-each"
    FEW_SHARED = "few-shared-clients"


@dataclass(frozen=True, slots=True)
class Term:
    """One question that a model answers.

    Attributes
    ----------
    approach : str
        Whose mean change.
    against : str
        The approach it is held against; empty where that is no change at all.
    estimate, low, high : float
        With its 95 % interval, on the scale on which changes are differences.
    error : float
        Standard error.
    df : int
        Degrees of freedom.
    p : float
        Two-sided, uncorrected.
    """

    approach: str
    against: str
    estimate: float
    low: float
    high: float
    error: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Model:
    """One metric's model.

    Attributes
    ----------
    fit : Fit or None
        None where nothing could be fitted; `warned` says why.
    terms : tuple of Term
        Each approach's mean change, then each approach against the control.
    client_sd, residual_sd : float
        Spread of clients around the mean, and of a client's sessions around the client.
    sessions, clients : int
        What it was fitted to.
    warned : tuple of Warned
        What must be said beside it.
    """

    fit: Fit | None
    terms: tuple[Term, ...]
    client_sd: float
    residual_sd: float
    sessions: int
    clients: int
    warned: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    estimate: FloatArray
    covariance: FloatArray
    client_sd: float
    residual_sd: float
    warned: tuple[Warned, ...]


def fit(moved: Sequence[float], approach: Sequence[str], client: Sequence[str]) -> Model:
    """Fit the model to one metric's changes.

    Parameters
    ----------
    moved : sequence of float, length n_sessions
        Each session's change, on the scale on which changes are differences.
    approach, client : sequence of str, length n_sessions
        What was done, and with whom.

    Returns
    -------
    Model
        Never an error: what could not be fitted says so.
    """
    y = np.array(moved, dtype=float)
    clients = sorted(set(client))
    if len(clients) < LEAST_CLIENTS:
        return Model(None, (), 0.0, 0.0, len(y), len(clients), (Warned.TOO_FEW_CLIENTS,))
    if float(np.ptp(y)) < LEAST_SPREAD:
        return Model(None, (), 0.0, 0.0, len(y), len(clients), (Warned.NOTHING_VARIES,))
    approaches = sorted(set(approach))
    design = np.array([[float(each == name) for name in approaches] for each in approach])
    groups = np.array([clients.index(each) for each in client])
    repeated = len(y) > len(clients)
    if len(y) - len(approaches) < 1:
        return Model(None, (), 0.0, 0.0, len(y), len(clients), (Warned.TOO_FEW_CLIENTS,))
    found = _mixed(y, design, groups) if repeated else _simple(y, design)
    terms, shared = _terms(found, approaches, design, groups)
    warned = found.warned if shared else (*found.warned, Warned.FEW_SHARED)
    kind = Fit.MIXED if repeated else Fit.SIMPLE
    return Model(kind, terms, found.client_sd, found.residual_sd, len(y), len(clients), warned)


def _mixed(y: FloatArray, design: FloatArray, groups: FloatArray) -> _Fitted:
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415 - half a second at import
    from statsmodels.tools.sm_exceptions import ConvergenceWarning  # noqa: PLC0415 - as above

    scale = float(y.std())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        result = MixedLM(y / scale, design, groups).fit(reml=True, method=["lbfgs", "bfgs", "cg"])
    between, within = float(result.cov_re[0, 0]), float(result.scale)
    warned = []
    if between < _BOUNDARY * within:
        warned.append(Warned.SINGULAR)
    elif not result.converged or any(issubclass(each.category, ConvergenceWarning) for each in told):
        warned.append(Warned.NOT_CONVERGED)
    n_fixed = design.shape[1]
    covariance = np.asarray(result.cov_params())[:n_fixed, :n_fixed] * scale**2
    return _Fitted(
        np.asarray(result.fe_params) * scale,
        covariance,
        math.sqrt(between) * scale,
        math.sqrt(within) * scale,
        tuple(warned),
    )


def _simple(y: FloatArray, design: FloatArray) -> _Fitted:
    """Least squares: what the model is where no client has a second session."""
    inverse = np.linalg.inv(design.T @ design)
    estimate = inverse @ design.T @ y
    residual = y - design @ estimate
    variance = float(residual @ residual) / (len(y) - design.shape[1])
    return _Fitted(estimate, inverse * variance, 0.0, math.sqrt(variance), (Warned.ONE_SESSION_EACH,))


def _terms(
    found: _Fitted, approaches: Sequence[str], design: FloatArray, groups: FloatArray
) -> tuple[tuple[Term, ...], bool]:
    """Ask each question; tell too whether every contrast with the control is made within enough clients."""
    met = np.array(
        [[bool(np.any(design[groups == g, column])) for column in range(len(approaches))] for g in set(groups)]
    )
    terms = []
    for column, name in enumerate(approaches):
        df = int(met[:, column].sum()) - 1
        if df >= 1:
            terms.append(_term(found, name, "", np.eye(len(approaches))[column], df))
    shared = True
    if CONTROL in approaches and len(approaches) > 1:
        control = list(approaches).index(CONTROL)
        for column, name in enumerate(approaches):
            if column == control:
                continue
            contrast = np.eye(len(approaches))[column] - np.eye(len(approaches))[control]
            both = int((met[:, column] & met[:, control]).sum())
            shared = shared and both >= LEAST_CLIENTS
            df = _contrast_df(len(design), met, both)
            if df >= 1:
                terms.append(_term(found, name, CONTROL, contrast, df))
    return tuple(terms), shared


def _contrast_df(sessions: int, met: FloatArray, both: int) -> int:
    """Degrees of freedom of a contrast: within clients where enough of them met both, else between them."""
    clients, approaches = met.shape
    within: int = sessions - clients - (approaches - 1)
    between: int = clients - approaches
    return within if both >= LEAST_CLIENTS else between


def _term(found: _Fitted, approach: str, against: str, contrast: FloatArray, df: int) -> Term:
    estimate = float(contrast @ found.estimate)
    error = math.sqrt(float(contrast @ found.covariance @ contrast))
    half = float(stats.t.ppf(0.975, df)) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, df)) if error > 0 else 1.0
    return Term(approach, against, estimate, estimate - half, estimate + half, error, df, p)
