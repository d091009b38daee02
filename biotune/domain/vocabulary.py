"""The words that leave the program: in JSON, in CSV and in the log."""

from enum import StrEnum


class PhaseKind(StrEnum):
    """What a phase is for."""

    WHOLE = "whole"
    SETTLING = "settling"
    BASELINE = "baseline"
    INTERVENTION = "intervention"
    RECOVERY = "recovery"
    OTHER = "other"


class Activity(StrEnum):
    """What the client does in a phase."""

    REST = "rest"
    LISTENING = "listening"
    GUIDED_IMAGERY = "guided-imagery"
    DRUMMING = "drumming"
    MUSCLE_RELAXATION = "muscle-relaxation"
    RELAXATION = "relaxation"
    PLAYING = "playing"
    SINGING = "singing"
    SONGWRITING = "songwriting"
    PACED_BREATHING = "paced-breathing"


class ArtefactClass(StrEnum):
    """How a flagged beat is wrong."""

    EXTRA = "extra"
    MISSED = "missed"
    ECTOPIC = "ectopic"
    LONG = "long"
    SHORT = "short"


class GapReason(StrEnum):
    """Why a stretch has no trustworthy beats."""

    STRAP_LOST = "strap-lost"
    SILENT = "silent"
    NO_CONTACT = "no-contact"
    NO_RR = "no-rr"
    RECORDER_STOPPED = "recorder-stopped"
    ARTEFACTS = "artefacts"
    UNKNOWN = "unknown"


class Rhythm(StrEnum):
    """Whether HRV means anything here."""

    REGULAR = "regular"
    IRREGULAR = "irregular"
    UNKNOWN = "unknown"


class Convention(StrEnum):
    """A named set of definitions; docs/method.md."""

    KUBIOS = "kubios"
    TASK_FORCE = "task-force"
    NEUROKIT2 = "neurokit2"


class Reason(StrEnum):
    """Why a metric is unavailable."""

    TOO_SHORT = "too-short"
    TOO_FEW_BEATS = "too-few-beats"
    POOR_SIGNAL = "poor-signal"
    IRREGULAR_RHYTHM = "irregular-rhythm"
    NO_RR = "no-rr"
    NO_BREATHING = "no-breathing"


class Flag(StrEnum):
    """What must be said beside a metric's value."""

    ULTRA_SHORT = "ultra-short"
    BELOW_LEAST_LENGTH = "below-least-length"
    NOT_INTERPRETABLE = "not-interpretable"
    LOW_CONFIDENCE = "low-confidence"


class Caveat(StrEnum):
    """What must be said beside a change."""

    BREATHING_CHANGED = "breathing-changed"
    BREATHING_UNKNOWN = "breathing-unknown"
    POSTURE_DIFFERS = "posture-differs"
    MOVEMENT = "movement"
    VOICE = "voice"
    ULTRA_SHORT = "ultra-short"
    POOR_SIGNAL = "poor-signal"
    IRREGULAR_RHYTHM = "irregular-rhythm"
    SETTLING_SHORT = "settling-short"
    PACER = "pacer"
    UNEQUAL_WINDOWS = "unequal-windows"


class ChangeKind(StrEnum):
    """How a change is expressed."""

    RATIO = "ratio"
    DIFFERENCE = "difference"


class Verdict(StrEnum):
    """What may be said of a change; docs/method.md."""

    CLEAR = "clear"
    POSSIBLE = "possible"
    NONE = "none"
    NOT_COMPARABLE = "not-comparable"


class Yardstick(StrEnum):
    """Where it is known from how far two resting measurements lie apart."""

    PUBLISHED = "published"
    OWN = "own"


class Trend(StrEnum):
    """What may be said of a client's values over sessions; docs/method.md."""

    TOO_FEW = "too-few"
    NONE = "none"
    RISING = "rising"
    FALLING = "falling"


class Request(StrEnum):
    """What people may ask of a running recorder, through the log."""

    END_PHASE = "end-phase"
    STOP = "stop"


class StrapChange(StrEnum):
    """What happened to the strap, as the recorder saw it."""

    CONNECTED = "connected"
    LOST = "lost"
    SILENT = "silent"
    HEARD_AGAIN = "heard-again"
    BATTERY = "battery"
    WAITING = "waiting"
    CONTACT_LOST = "contact-lost"
    CONTACT_FOUND = "contact-found"
    STREAM = "stream"


class RrUnit(StrEnum):
    """What a strap's RR numbers count: the standard's 1/1024 s, or, against it, milliseconds."""

    TICKS = "1/1024"
    MS = "ms"


class Readiness(StrEnum):
    """Whether a strap's signal is good enough to begin a session with."""

    READY = "ready"
    DOUBTFUL = "doubtful"
    NOT_READY = "not-ready"


class NoticeKind(StrEnum):
    """What of a whole recording a person should know and decide about."""

    RR_UNIT = "rr-unit"


class ArtefactHandling(StrEnum):
    """What becomes of flagged beats: left out, or intervals put in their place."""

    EXCLUDE = "exclude"
    REPLACE = "replace"


class BeatJudgement(StrEnum):
    """What a person decided about a beat: use it, leave it out, add one, or leave it to the method."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ADDED = "added"
    UNDECIDED = "undecided"


class MusicAct(StrEnum):
    """What happens to the music; `SYNC` says every few seconds that it still plays, and where."""

    PLAY = "play"
    PAUSE = "pause"
    SEEK = "seek"
    ENDED = "ended"
    VOLUME = "volume"
    RATE = "rate"
    NEXT = "next"
    FADE = "fade"
    SYNC = "sync"
    FAILED = "failed"


class Design(StrEnum):
    """How the sessions of one client's experiment are put in random order."""

    ALTERNATING = "alternating"
    ABAB = "abab"


class Alternative(StrEnum):
    """Which differences between two conditions an experiment looks for; decided before it begins."""

    TWO_SIDED = "two-sided"
    LESS = "less"
    GREATER = "greater"


class PlaceState(StrEnum):
    """How one planned session of an experiment stands."""

    OPEN = "open"
    NEXT = "next"
    DONE = "done"
    NO_VALUE = "no-value"
    MISSED = "missed"


class LeftOut(StrEnum):
    """Why a session is not part of a client's experiment."""

    WRONG_CONDITION = "wrong-condition"
    WRONG_MUSIC = "wrong-music"
    UNFINISHED = "unfinished"
    SAME_RECORDING = "same-recording"


class Exclusion(StrEnum):
    """Why a session is not part of a group's numbers."""

    UNFINISHED = "unfinished"
    NO_CLIENT = "no-client"
    NO_COMPARISON = "no-comparison"
    NOT_COMPARABLE = "not-comparable"
    NO_VALUE = "no-value"
    SAME_RECORDING = "same-recording"
    WORKER_LOST = "worker-lost"
    FAILED = "failed"
