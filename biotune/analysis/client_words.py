"""A comparison as the client reads it: plain words first, the interval in a line of its own.

The same facts as in `biotune.analysis.words`, and the same yardsticks; only what is said first differs.
"""

from dataclasses import dataclass

from biotune.analysis import leaves_open, words
from biotune.analysis.results import Change, Comparison
from biotune.domain import ChangeKind, Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """A paragraph.

    Attributes
    ----------
    said : str
        In plain words.
    measured : str
        The numbers behind it, for whoever asks; empty where there are none.
    """

    said: str
    measured: str = ""


def tell(comparison: Comparison) -> tuple[Told, ...]:
    """Tell a comparison for the client, paragraph by paragraph.

    Parameters
    ----------
    comparison : Comparison
        With its `words`; each of them that tells a metric is told in plain words, every other one as it is.
    """
    metrics = {words.metric_sentences(key, change): (key, change) for key, change in comparison.changes.items()}
    return tuple(metric(*metrics[sentence]) if sentence in metrics else Told(sentence) for sentence in comparison.words)


def metric(key: str, change: Change) -> Told:
    """Tell one metric.

    Examples
    --------
    >>> fell = Change(ChangeKind.DIFFERENCE, 75, 69, -6, -7, -5, None, Verdict.POSSIBLE, (), "bpm")
    >>> metric("mean_hr", fell).said[:26], metric("mean_hr", fell).measured
    ('Heart rate fell by 6 bpm. ', 'Measured: −6 bpm (95 % interval −7 to −5).')
    """
    if change.estimate is None or change.low is None or change.high is None:
        return Told(words.metric_sentences(key, change))
    name, measured = words.metric_name(key), f"Measured: {words.change_phrase(key, change)}."
    if change.verdict is not Verdict.NONE:
        return Told(f"{name} {_moved(key, change)}. {words.worth(key, change)}", measured)
    within = leaves_open.within_retest(key, change)
    cannot_tell = f" {leaves_open.sentence(change, words.unit_of(change))}" if within is False else ""
    if words.is_small(key, change):
        how = "stayed about the same" if within else "showed no clear change"
        return Told(f"{name} {how}.{cannot_tell}", measured)
    lay = f"{words.by_how_much(key, change)} {words.side(change)}"
    return Told(f"{name} was {lay}, but that is no clear change.{cannot_tell}", measured)


def _moved(key: str, change: Change) -> str:
    verb = "fell" if words.falls(change) else "rose"
    if change.kind is ChangeKind.RATIO:
        return f"{verb} from {words.from_to(key, change)}{words.unit_of(change)}"
    return f"{verb} by {words.by_how_much(key, change)}"
