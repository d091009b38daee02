"""Every metric in one paragraph for a client and one for a researcher; the help page and docs/metrics.md show both.

The client's says what was measured, never what it is worth to somebody. The researcher's says what moves the number and
what it must not be taken for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """One metric, told twice."""

    client: str
    researcher: str


_TOLD = {
    "mean_hr": Paragraphs(
        "How often your heart beat in a minute, on average over the stretch. It slows when you sit still and rises "
        "when you move, speak, or are excited. People differ a lot; what counts here is your own before and after.",
        "Computed from the mean interval, so that it agrees with mean NN; the mean of the single rates would be up "
        "to 1 bpm higher. Two resting measurements half an hour apart differ by about 5 % (coefficient of "
        "variation; Cipryan 2016), and resting alone drifts: compare it with a quiet-rest session of the same "
        "shape.",
    ),
    "mean_nn": Paragraphs(
        "The average time from one beat to the next, in thousandths of a second. It is the heart rate the other way"
        " round: a slower heart has longer intervals.",
        "The arithmetic mean of the intervals that survived artefact handling; NN only by courtesy, since a strap "
        "cannot certify sinus rhythm. Every HRV index depends on it: the same modulation gives larger differences "
        "where intervals are longer.",
    ),
    "sdnn": Paragraphs(
        "How much the time between your beats varied over the whole stretch: fast and slow waves together.",
        "Total variability, of whatever frequency the window holds; it grows with the window's length, so only "
        "windows of one length may be compared. Under kubios slow trends are taken off first, which lowers it on "
        "drifting records. Not the 24-hour SDNN that clinical norms are about.",
    ),
    "rmssd": Paragraphs(
        "How much the time between your beats changed from each beat to the next. It mostly follows breathing: the "
        "heart quickens a little as you breathe in and slows as you breathe out. Breathing more slowly changes this"
        " number by itself.",
        "Beat-to-beat variability, mostly of respiratory origin and vagally mediated, and less sensitive to slow "
        "trends than SDNN. It depends on breathing rate and depth (the same sinus arrhythmia gives less than half "
        "at 6 a minute of what it gives at 15) and on heart rate. Compared as a ratio; retest variation is about 21"
        " % (Cipryan 2016).",
    ),
    "sd1": Paragraphs(
        "If each interval is drawn against the next, the dots make a cloud. This is how wide the cloud is, which is"
        " again how much your beats changed from one to the next.",
        "The same quantity as RMSSD up to a factor of √2 (the standard deviation takes the mean off): it adds a "
        "picture and no information. Test one of the two.",
    ),
    "sd2": Paragraphs(
        "In the same cloud of dots, this is how long it is: how much your intervals varied altogether, the slow "
        "waves included.",
        "The cloud's length along the line of identity: SD2² ≈ 2·SDNN² − SD1². What holds of SDNN holds of it, its "
        "dependence on the window's length and on detrending above all.",
    ),
    "rsa": Paragraphs(
        "How far your heart swings with each breath: from its longest to its shortest interval, as a wave.",
        "Peak-to-trough height of the wave at the breathing rate, from the spectrum within 0.03 Hz of it; so it "
        "follows the breathing where HF does not. It needs a breathing rate that could be read, and it still "
        "depends on how deeply and how fast the client breathes.",
    ),
    "ln_rmssd": Paragraphs(
        "RMSSD on another scale, on which doubling always counts the same. It helps to compare people; it says "
        "nothing new.",
        "The logarithm makes RMSSD's distribution nearly normal; differences of it are the logarithms of the ratios"
        " that biotune reports. Between-session intraclass correlation is .35 to .64 (Uhlig 2020).",
    ),
    "pnn50": Paragraphs(
        "How often, out of a hundred times, your heart's rhythm changed by more than a twentieth of a second from "
        "one beat to the next.",
        "A thresholded relative of RMSSD: it saturates at both ends (near 0 in many older people) and jumps where "
        "many differences lie near 50 ms. The denominator is the number of differences. Kept for comparison with "
        "older work.",
    ),
    "vlf": Paragraphs(
        "Very slow waves in your heart's rhythm, slower than one in 25 seconds. A session is too short to see "
        "enough of them, so this is usually left empty.",
        "Ten cycles of its lower edge take 50 minutes, and no five-minute value should be interpreted (Task Force "
        "1996). Under kubios most of it is removed with the trend. Its physiology is disputed.",
    ),
    "lf": Paragraphs(
        "Waves in your heart's rhythm that take about 7 to 25 seconds each. They come from several sources, blood "
        "pressure and slow breathing among them.",
        "Mostly baroreflex activity, by both branches; not a measure of sympathetic tone (Billman 2013). Breathing "
        "below 9 a minute moves the respiratory wave into this band and raises it many times over. Retest variation"
        " is large: two rests can differ by a factor of 6 (Cipryan 2016).",
    ),
    "hf": Paragraphs(
        "Waves in your heart's rhythm that take 2.5 to 7 seconds each: the pace at which most people breathe.",
        "Respiratory sinus arrhythmia, and an index of vagal modulation only while breathing is within 9 to 24 a "
        "minute; outside it is flagged as not interpretable. It follows breathing's rate and depth without any "
        "change of vagal tone (Quintana & Heathers 2014). In ms², trapezoids at the exact band edges.",
    ),
    "total_power": Paragraphs(
        "All waves in your heart's rhythm together, from very slow ones to those of breathing.",
        "The variance of the series below 0.4 Hz: SDNN² up to what lies above. What holds of SDNN holds of it.",
    ),
    "lf_hf": Paragraphs(
        "How strong the slower waves are next to those at the pace of breathing. It is often called a balance; "
        "research does not support that.",
        "Not sympathovagal balance (Billman 2013): both terms are largely vagal, both depend on breathing, and a "
        "ratio moves whichever of them moves. One fact with LF n.u. and HF n.u. (Heathers 2014): test one of the "
        "three at most.",
    ),
    "sd1_sd2": Paragraphs(
        "How round the cloud of dots is: near 1 for a round cloud, smaller for a long one.",
        "The ratio of short-term to total variability, closely tied to LF/HF and to DFA α1, and no new fact beside "
        "them. It depends on the window's length by way of SD2.",
    ),
    "sample_entropy": Paragraphs(
        "How hard it is to foresee your next beat from the beats before. A very even rhythm is easy to foresee; a "
        "rhythm with many overlapping waves is harder.",
        "m = 2, r = 0.2·SD, runs that span a hole left out. It falls with trends, with slow paced breathing and "
        "with single outliers (which inflate SD), and it is biased below some 200 intervals. Higher is not "
        "healthier: noise has the highest.",
    ),
    "dfa_alpha1": Paragraphs(
        "How alike the ups and downs of your rhythm are over a few beats and over a dozen. It sits near 1 for many "
        "people at rest, lower in hard exercise, and changes with breathing.",
        "Short-term scaling exponent over boxes of 4 to 12 beats (11 under task-force). Strongly shaped by the "
        "respiratory wave: slow breathing raises it, fast breathing lowers it. Excluded beats are bridged, which "
        "leaves the exponent of correlated series as it is (Chen 2002); many artefacts lower it all the same.",
    ),
    "dfa_alpha2": Paragraphs(
        "The same over longer stretches: how alike the ups and downs are over a dozen beats and over a minute.",
        "Long-term scaling exponent, boxes of up to 64 beats: five minutes hold few of them, so its error is large,"
        " and detrending lowers it by construction. Interpret it only on longer records.",
    ),
    "rhythm_regularity": Paragraphs(
        "How far your heart's rhythm followed one smooth wave. Slow, even breathing makes it high; so do other "
        "things. High is not better than low.",
        "Spectral concentration at the highest peak between 0.04 and 0.26 Hz, in windows of 64 s: the published "
        "idea behind commercial “coherence” scores. Paced breathing at 0.1 Hz raises it at once, whatever the "
        "client feels; it measures the breathing pattern before anything else.",
    ),
    "lf_nu": Paragraphs(
        "The share of the slower waves among all but the very slow ones, in per cent.",
        "LF/(LF+HF): a function of LF/HF and nothing more (Heathers 2014). The denominator leaves VLF out.",
    ),
    "hf_nu": Paragraphs(
        "The share of the waves at the pace of breathing among all but the very slow ones, in per cent.",
        "100 minus LF n.u.: the same fact told a third time (Heathers 2014). It cannot tell a rise of HF from a "
        "fall of LF.",
    ),
    "stress_index": Paragraphs(
        "A number that is high when your beats come quickly and evenly, and low when they come slowly and unevenly."
        " In spite of its name it does not measure stress: movement, age and breathing change it as well.",
        "The square root of Baevsky's index, as Kubios reports it. A histogram measure: bin width, range and hence "
        "single outliers weigh on it. Largely a function of heart rate and SDNN; name it with its formula.",
    ),
    "breathing_rate": Paragraphs(
        "How many breaths you took in a minute. It is read from the way your heart speeds up and slows down with "
        "each breath, not measured with a belt, and it is left empty where that cannot be read.",
        "From the respiratory peak of the NN series unless an ECG or an accelerometer gives a better one, always "
        "with a confidence; below 0.5 it is flagged. A slow wave near 0.1 Hz can be taken for slow breathing, and a"
        " rate above half the heart rate cannot be seen at all.",
    ),
}

PARAGRAPHS: Mapping[str, Paragraphs] = MappingProxyType(_TOLD)
