"""The catalogue: every metric's key, unit, least length, definition and source.

The order is that of the documents people read; `hrv.measure` answers every key of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from biotune.analysis.paragraphs import PARAGRAPHS

_TASK_FORCE = "Task Force of the ESC and NASPE, Circulation 93:1043-1065, 1996"
_MUNOZ = "least length: Munoz et al., PLoS ONE 10:e0138921, 2015"
_BRENNAN = "Brennan, Palaniswami & Kamen, IEEE Trans Biomed Eng 48:1342-1347, 2001"
_KUBIOS = "Tarvainen et al., Comput Methods Programs Biomed 113:210-220, 2014 (Kubios HRV)"


@dataclass(frozen=True, slots=True)
class Least:
    """The shortest recording a metric may be read from.

    Attributes
    ----------
    seconds : float
        Least length in seconds; 0 where only beats count.
    beats : int
        Least number of intervals; 0 where only seconds count.
    """

    seconds: float = 0.0
    beats: int = 0

    def __str__(self) -> str:
        """Return the words for `Unavailable.needs`: ``250 s`` or ``128 beats``."""
        return f"{self.beats} beats" if self.beats else f"{self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """What a metric is.

    Attributes
    ----------
    key : str
        Its name in the JSON documents.
    name : str
        Its name for people.
    unit : str
        Unit under the `kubios` and `task-force` conventions.
    least : Least
        Below this it is unavailable, unless asked for at any length.
    definition : str
        The formula in words, exact enough to compute it again.
    source : str
        Who defined it.
    plain : str
        One sentence for someone who has never heard of it.
    unbroken : bool
        Whether the least length must lie within one gap-free stretch.
    """

    key: str
    name: str
    unit: str
    least: Least
    definition: str
    source: str
    plain: str
    unbroken: bool = False

    @property
    def for_client(self) -> str:
        """One paragraph for a client."""
        return PARAGRAPHS[self.key].client

    @property
    def for_researcher(self) -> str:
        """One paragraph for a researcher: what moves it, and what it must not be taken for."""
        return PARAGRAPHS[self.key].researcher


_DEFINITIONS = (
    MetricDefinition(
        key="mean_hr",
        name="Mean heart rate",
        unit="bpm",
        least=Least(seconds=10),
        definition="60000 / mean NN in ms, from the NN series without detrending.",
        source=_KUBIOS,
        plain="How fast the heart beat, on average.",
    ),
    MetricDefinition(
        key="mean_nn",
        name="Mean NN",
        unit="ms",
        least=Least(seconds=10),
        definition="Arithmetic mean of the NN intervals, without detrending.",
        source=_TASK_FORCE,
        plain="The average time from one heartbeat to the next.",
    ),
    MetricDefinition(
        key="sdnn",
        name="SDNN",
        unit="ms",
        least=Least(seconds=120),
        definition="Standard deviation of the NN intervals, with n - 1 in the denominator.",
        source=f"{_TASK_FORCE}; {_MUNOZ}",
        plain="How much the time between heartbeats varied over the whole stretch.",
    ),
    MetricDefinition(
        key="rmssd",
        name="RMSSD",
        unit="ms",
        least=Least(seconds=60),
        definition="Square root of the mean squared difference of adjacent NN intervals.",
        source=f"{_TASK_FORCE}; {_MUNOZ}",
        plain="How much the time between heartbeats changed from one beat to the next.",
    ),
    MetricDefinition(
        key="sd1",
        name="SD1",
        unit="ms",
        least=Least(seconds=60),
        definition="Standard deviation (n - 1) of (NN[k+1] - NN[k]) / √2 over adjacent intervals.",
        source=_BRENNAN,
        plain="The width of the cloud that appears when each interval is drawn against the one before.",
    ),
    MetricDefinition(
        key="sd2",
        name="SD2",
        unit="ms",
        least=Least(seconds=60),
        definition="Standard deviation (n - 1) of (NN[k+1] + NN[k]) / √2 over adjacent intervals.",
        source=_BRENNAN,
        plain="The length of the cloud that appears when each interval is drawn against the one before.",
    ),
    MetricDefinition(
        key="rsa",
        name="Respiratory sinus arrhythmia",
        unit="ms",
        least=Least(seconds=60),
        definition=(
            "Peak-to-trough height 2·√(2·P) of the sine wave whose power P is that of the spectrum within 0.03 Hz "
            "of the breathing rate."
        ),
        source=(
            "peak to trough in ms, and its agreement with the spectrum's: Grossman, van Beek & Wientjes, "
            "Psychophysiology 27:702-714, 1990"
        ),
        plain="How far the time between heartbeats swings with each breath.",
        unbroken=True,
    ),
    MetricDefinition(
        key="ln_rmssd",
        name="ln RMSSD",
        unit="ln ms",
        least=Least(seconds=60),
        definition="Natural logarithm of RMSSD in ms.",
        source=f"{_TASK_FORCE}; {_MUNOZ}",
        plain="RMSSD on a logarithmic scale, which makes people easier to compare.",
    ),
    MetricDefinition(
        key="pnn50",
        name="pNN50",
        unit="%",
        least=Least(seconds=60),
        definition="Share of the differences of adjacent NN intervals that exceed 50 ms, of the number of differences.",
        source=_TASK_FORCE,
        plain="How often the time between heartbeats changed by more than a twentieth of a second.",
    ),
    MetricDefinition(
        key="vlf",
        name="VLF power",
        unit="ms²",
        least=Least(seconds=3000),
        definition="Power of the spectrum below 0.04 Hz (kubios), from 0.0033 to 0.04 Hz (task-force).",
        source=f"{_TASK_FORCE}; least length: ten cycles of the lower edge",
        plain="Variation in waves slower than 25 seconds.",
        unbroken=True,
    ),
    MetricDefinition(
        key="lf",
        name="LF power",
        unit="ms²",
        least=Least(seconds=250),
        definition="Power of the spectrum from 0.04 to 0.15 Hz.",
        source=f"{_TASK_FORCE}; least length: ten cycles of the lower edge",
        plain="Variation in waves of about 7 to 25 seconds.",
        unbroken=True,
    ),
    MetricDefinition(
        key="hf",
        name="HF power",
        unit="ms²",
        least=Least(seconds=67),
        definition="Power of the spectrum from 0.15 to 0.4 Hz.",
        source=f"{_TASK_FORCE}; least length: ten cycles of the lower edge",
        plain="Variation in waves of about 2.5 to 7 seconds, the pace of usual breathing.",
        unbroken=True,
    ),
    MetricDefinition(
        key="total_power",
        name="Total power",
        unit="ms²",
        least=Least(seconds=250),
        definition="VLF + LF + HF, over the same stretches.",
        source=f"{_TASK_FORCE}; least length: as LF",
        plain="All variation in waves slower than 2.5 seconds.",
        unbroken=True,
    ),
    MetricDefinition(
        key="lf_hf",
        name="LF/HF",
        unit="1",
        least=Least(seconds=250),
        definition="LF power / HF power, over the same stretches.",
        source=f"{_TASK_FORCE}; not a measure of sympathovagal balance: Billman, Front Physiol 4:26, 2013",
        plain="How the slower waves compare with those at the pace of usual breathing.",
        unbroken=True,
    ),
    MetricDefinition(
        key="sd1_sd2",
        name="SD1/SD2",
        unit="1",
        least=Least(seconds=60),
        definition="SD1 / SD2.",
        source=_BRENNAN,
        plain="How round the cloud of neighbouring intervals is.",
    ),
    MetricDefinition(
        key="sample_entropy",
        name="Sample entropy",
        unit="1",
        least=Least(beats=200),
        definition=(
            "-ln(A/B): B pairs of runs of 2 adjacent intervals, A of 3, that differ nowhere by more than r = 0.2·SD "
            "(n - 1); a run and itself are no pair."
        ),
        source="Richman & Moorman, Am J Physiol Heart Circ Physiol 278:H2039-H2049, 2000",
        plain="How hard it is to foresee the next interval from those before.",
    ),
    MetricDefinition(
        key="dfa_alpha1",
        name="DFA α1",
        unit="1",
        least=Least(beats=128),
        definition=(
            "Slope of log fluctuation against log box size, boxes of 4-12 beats (kubios) or 4-11 (task-force) "
            "that do not overlap, a straight line removed in each."
        ),
        source="Peng et al., Chaos 5:82-87, 1995",
        plain="How alike the variation is over a few beats and over a dozen.",
        unbroken=True,
    ),
    MetricDefinition(
        key="dfa_alpha2",
        name="DFA α2",
        unit="1",
        least=Least(beats=256),
        definition="As DFA α1, with boxes of 13-64 beats (kubios) or 12-64 (task-force).",
        source="Peng et al., Chaos 5:82-87, 1995",
        plain="How alike the variation is over a dozen beats and over a minute.",
        unbroken=True,
    ),
    MetricDefinition(
        key="rhythm_regularity",
        name="Rhythm regularity",
        unit="1",
        least=Least(seconds=64),
        definition=(
            "In each window of 64 s: power within 0.015 Hz of the highest peak between 0.04 and 0.26 Hz, divided by "
            "the rest of the power between 0.0033 and 0.4 Hz; the mean over windows."
        ),
        source="McCraty et al., Integral Review 5(2):10-115, 2009",
        plain="How far the heart's rhythm follows one smooth wave, as it does in slow, even breathing.",
        unbroken=True,
    ),
    MetricDefinition(
        key="lf_nu",
        name="LF n.u.",
        unit="%",
        least=Least(seconds=250),
        definition="LF power / (total power - VLF power), in per cent.",
        source=f"{_TASK_FORCE}; one fact with LF/HF and HF n.u.: Heathers, Front Physiol 5:177, 2014",
        plain="The share of the slower waves in the variation that is faster than 25 seconds.",
        unbroken=True,
    ),
    MetricDefinition(
        key="hf_nu",
        name="HF n.u.",
        unit="%",
        least=Least(seconds=250),
        definition="HF power / (total power - VLF power), in per cent.",
        source=f"{_TASK_FORCE}; one fact with LF/HF and LF n.u.: Heathers, Front Physiol 5:177, 2014",
        plain="The share of waves at the pace of usual breathing in the variation that is faster than 25 seconds.",
        unbroken=True,
    ),
    MetricDefinition(
        key="stress_index",
        name="Baevsky's stress index",
        unit="√(1/s²)",
        least=Least(seconds=120),
        definition=(
            "√(AMo / (2·Mo·MxDMn)): AMo the share in per cent of the fullest histogram bin (50 ms wide, edges at "
            "multiples of 50 ms), Mo the median in s, MxDMn the range in s; from the detrended series about its mean."
        ),
        source=f"Baevsky & Berseneva 2008; square root and detrending: {_KUBIOS}",
        plain="High where intervals are short and much alike, low where they are long and varied.",
    ),
    MetricDefinition(
        key="breathing_rate",
        name="Breathing rate",
        unit="1/min",
        least=Least(seconds=30),
        definition="Rate of the respiratory peak in the spectrum of the NN series, of the ECG's beats or of the "
        "chest's tilt, whichever is surest, with a confidence.",
        source="Hirsch & Bishop, Am J Physiol 241:H620-H629, 1981: the rhythm of breath shows in the intervals",
        plain="How many breaths a minute, estimated from the heart's rhythm or the chest's movement.",
    ),
)

CATALOGUE: Mapping[str, MetricDefinition] = MappingProxyType({metric.key: metric for metric in _DEFINITIONS})
