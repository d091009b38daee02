"""Numbers and dates as people write them where they live; the words around them stay English.

Everything below the dashboard writes numbers with a decimal point, and so do papers, exports and the command line:
they go to other programs and other countries. On a page, `written` puts the reader's form on what a callback shows,
on its way out: one place, so that no page need think of it. What somebody typed or named, and what is there to be
quoted or computed again, is shown as it was written: inside an element of the class ``bt-own`` nothing is touched,
nor inside ``bt-code``.

The form is the browser's (its ``Accept-Language``), or the one chosen in Settings, which a cookie keeps.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Any, TypeVar

import plotly.graph_objects as go
from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from dash import Dash, Output
from dash.development.base_component import Component
from flask import has_request_context, request

COOKIE = "biotune-form"
OWN = "bt-own"  # the class of what people wrote or named
_OWNED = frozenset({OWN, "bt-code"})  # and of paths and hashes, which are no numbers
HOUSE = "en-GB"
TAGS = (
    HOUSE,
    "en-US",
    "cs-CZ",
    "da-DK",
    "de-DE",
    "de-CH",
    "es-ES",
    "fi-FI",
    "fr-FR",
    "it-IT",
    "nb-NO",
    "nl-NL",
    "pl-PL",
    "pt-BR",
    "sv-SE",
)  # what Settings offers; a browser may ask for any other
_LONG, _SHORT = "yMMMEd", "yMMMd"  # CLDR's skeletons: each region orders the parts in its own way
# A number that stands alone: no version, no file's name, no address, no time of day, no part of a code.
_NUMBER = re.compile(r"(?<![\w.,:/@#])(?<!\w-)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w]|[.,:/-]\w)")
_SVG_WORDS = re.compile(r"(?<=>)[^<>♪]+(?=<)")  # a piece is named after its note
_LATER = "data-graph"  # what plotly draws in that one's place
_DRAWING = "data-drawing"  # a figure as SVG, drawn by the server
_AS_WRITTEN = frozenset({"Code", "Pre", "Kbd", "Textarea"})
_TEXTS = ("children", "label", "description", "placeholder", "aria-label", "aria-valuetext")
_SHOWN = frozenset({*_TEXTS, "figure"})

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d)?([+-]\d\d:\d\d|Z)?")

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class Form:
    """How numbers and dates are written.

    Attributes
    ----------
    tag : str
        BCP 47, such as ``de-DE``.
    decimal, group : str
        Between units and tenths, and between thousands.
    """

    tag: str
    decimal: str
    group: str

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as the program writes them."""
        return (self.decimal, self.group) == (".", ",")


def form() -> Form:
    """Return the form of whoever asks at the moment; the house's own where nobody does."""
    if not has_request_context():
        return _form(HOUSE)
    if tag := chosen():
        return _form(tag)
    return _of_browser(tuple(tag for tag, _ in request.accept_languages))


def chosen() -> str:
    """Return the tag that was chosen in Settings; empty for the browser's own."""
    tag = request.cookies.get(COOKIE, "") if has_request_context() else ""
    return tag if tag in TAGS else ""


@lru_cache(maxsize=256)
def _of_browser(tags: tuple[str, ...]) -> Form:
    """Return the form of the first language that is known."""
    for tag in tags:
        if tag.casefold() == "en":
            return _form(HOUSE)
        try:
            return _form(tag)
        except (UnknownLocaleError, ValueError):
            continue
    return _form(HOUSE)


@lru_cache(maxsize=64)
def _form(tag: str) -> Form:
    symbols = _locale(tag).number_symbols["latn"]
    return Form(tag, str(symbols["decimal"]), str(symbols["group"]))


@lru_cache(maxsize=64)
def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


def choices() -> list[dict[str, str]]:
    """Return what can be chosen in Settings: each language by its own name, with how a number and a day look."""
    told = [(tag, _locale(tag).get_display_name() or tag) for tag in TAGS]
    day = date(2026, 5, 14)
    return [
        {
            "value": tag,
            "label": f"{name[:1].upper()}{name[1:]}: {number('1,234.5', _form(tag))} · {_day(tag, _SHORT, day)}",
        }
        for tag, name in told
    ]


# ---------------------------------------------------------------- days and times


def long_day(when: datetime | date) -> str:
    """Write a day with its weekday, in this machine's time zone.

    Examples
    --------
    >>> long_day(date(2026, 5, 14))
    'Thu, 14 May 2026'
    """
    return _day(form().tag, _LONG, _here(when))


def short_day(when: datetime | date) -> str:
    """Write a day, in this machine's time zone.

    Examples
    --------
    >>> short_day(date(2026, 5, 14))
    '14 May 2026'
    """
    return _day(form().tag, _SHORT, _here(when))


def hour(when: datetime, *, seconds: bool = False) -> str:
    """Write the time of day, in this machine's time zone.

    Examples
    --------
    >>> hour(datetime(2026, 5, 14, 22, 2).astimezone())
    '22:02'
    """
    here = when.astimezone()
    return format_time(here.time(), "medium" if seconds else "short", locale=_locale(form().tag))


def moment(when: datetime) -> str:
    """Write a day and a time of day, the day in short.

    Examples
    --------
    >>> moment(datetime(2026, 5, 14, 22, 2).astimezone())
    '14 May 2026, 22:02'
    """
    return f"{short_day(when)}, {hour(when)}"


def moments(text: str) -> str:
    """Return words with every ISO 8601 moment in them as a day and a time of day, here.

    Examples
    --------
    >>> moments("taken 2026-05-14 22:02")
    'taken 14 May 2026, 22:02'
    """
    return _MOMENT.sub(lambda found: moment(datetime.fromisoformat(found[0]).astimezone()), text)


def _here(when: datetime | date) -> date:
    return when.astimezone().date() if isinstance(when, datetime) else when


@lru_cache(maxsize=4096)
def _day(tag: str, skeleton: str, day: date) -> str:
    return format_skeleton(skeleton, datetime(day.year, day.month, day.day), locale=_locale(tag))  # noqa: DTZ001 - a day


def in_english(text: str) -> str:
    """Return what somebody searches for, with the months and weekdays of their language in English.

    Parameters
    ----------
    text : str
        Such as ``14. Mai``.
    """
    tag = form().tag
    if tag.startswith("en"):
        return text
    names = _english(tag)
    return " ".join(names.get(word.casefold().strip(".,"), word) for word in text.split())


@lru_cache(maxsize=64)
def _english(tag: str) -> dict[str, str]:
    """Return months and weekdays of a language, and its ``14.``, as the list of sessions is searched for them."""
    locale, house = _locale(tag), _locale(HOUSE)
    names = {f"{day}": f"{day}" for day in range(1, 32)}
    for kind in ("days", "months"):  # where one is short for both, the month is meant
        english = getattr(house, kind)["format"]["abbreviated"]
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number_of, name in getattr(locale, kind)[context][width].items():
                    names[name.casefold().strip(".")] = english[number_of]
    return names


# ---------------------------------------------------------------- numbers


def number(text: str, shown: Form) -> str:
    """Return words with every number in them in a form.

    Parameters
    ----------
    text : str
        With decimal points, and commas between thousands.
    shown : Form
        The reader's.

    Examples
    --------
    >>> german = Form("de-DE", ",", ".")
    >>> number("×1.58 (95 % interval 1.41 to 1,277.3).", german)
    '×1,58 (95 % interval 1,41 to 1.277,3).'
    >>> number("take-2.5.mp3, biotune 0.1.0, 10:02.5, K-2.5, 127.0.0.1, 1,2,3", german)
    'take-2.5.mp3, biotune 0.1.0, 10:02.5, K-2.5, 127.0.0.1, 1,2,3'
    """
    if shown.is_plain:
        return text
    return _NUMBER.sub(lambda found: _in(found, shown), text)


def _in(found: re.Match[str], shown: Form) -> str:
    whole, part = found[1].replace(",", shown.group), found[2]
    return whole if part is None else f"{whole}{shown.decimal}{part[1:]}"


def written(value: _Shown) -> _Shown:
    """Return what a callback shows in the reader's form; what it was given stays as it was.

    Parameters
    ----------
    value : object
        Words, a component, a figure, or lists of them; anything else is returned as it is.
    """
    shown = form()
    return value if shown.is_plain else _written(value, shown)


def _written(value: Any, shown: Form) -> Any:  # noqa: ANN401 - whatever a callback may return
    if isinstance(value, str):
        return number(value, shown)
    if isinstance(value, float):
        return number(str(value), shown)
    if isinstance(value, list | tuple):
        return type(value)(_written(each, shown) for each in value)
    if isinstance(value, go.Figure):
        return _figure(value.to_plotly_json(), shown)
    return _component(value, shown) if isinstance(value, Component) else value


def _component(part: Component, shown: Form) -> Component:
    kind = type(part).__name__
    if kind in _AS_WRITTEN or not _OWNED.isdisjoint(str(getattr(part, "className", "")).split()):
        return part
    made = copy.copy(part)
    for name in _TEXTS:
        if (told := getattr(part, name, None)) is not None:
            setattr(made, name, _written(told, shown))
    if drawn := getattr(part, _DRAWING, None):
        setattr(made, _DRAWING, _SVG_WORDS.sub(lambda found: number(found[0], shown), drawn))
    if kind == "SegmentedControl" and (offered := getattr(part, "data", None)):
        vars(made)["data"] = [{**each, "label": _written(each["label"], shown)} for each in offered]
    if isinstance(later := getattr(part, _LATER, None), str):
        graph = json.loads(later)
        graph["props"]["figure"] = _figure(graph["props"]["figure"], shown)
        setattr(made, _LATER, json.dumps(graph))
    if kind == "Graph" and isinstance(drawn := getattr(part, "figure", None), go.Figure):
        vars(made)["figure"] = _figure(drawn.to_plotly_json(), shown)
    return made


def _figure(drawn: Mapping[str, Any], shown: Form) -> dict[str, Any]:
    """Tell plotly the separators, and rewrite the few words that hold numbers already."""
    layout: dict[str, Any] = {**drawn["layout"], "separators": shown.decimal + shown.group}
    for name, axis in layout.items():
        if name[1:].startswith("axis") and "ticktext" in axis:
            layout[name] = {**axis, "ticktext": [number(str(each), shown) for each in axis["ticktext"]]}
    return {**drawn, "layout": layout, "data": [_trace(each, shown) for each in drawn["data"]]}


def _trace(trace: Mapping[str, Any], shown: Form) -> dict[str, Any]:
    made = dict(trace)
    if isinstance(made.get("hovertemplate"), str):
        made["hovertemplate"] = number(made["hovertemplate"], shown)
    if "ticktext" in (bar := made.get("colorbar", {})):
        made["colorbar"] = {**bar, "ticktext": [number(str(each), shown) for each in bar["ticktext"]]}
    return made


class App(Dash):
    """Dash, whose callbacks show numbers in the reader's form."""

    def callback(self, *_args: Any, **_kwargs: Any) -> Callable[..., Any]:  # noqa: ANN401 - Dash's own signature
        """Register a callback as Dash does; what it shows is put into the reader's form."""
        properties = [each.component_property for each in _flat(_args) if isinstance(each, Output)]
        if not _SHOWN.intersection(properties):
            return super().callback(*_args, **_kwargs)
        if on_error := _kwargs.get("on_error"):
            _kwargs["on_error"] = _showing(on_error, properties)
        register = super().callback(*_args, **_kwargs)
        return lambda made: register(_showing(made, properties))


def _flat(given: object) -> list[object]:
    if isinstance(given, list | tuple):
        return [one for each in given for one in _flat(each)]
    return [given]


def _showing(made: Callable[..., object], properties: list[str]) -> Callable[..., object]:
    """Put the reader's form on those results of a function that are shown, and on no other."""

    @wraps(made)
    def shown(*args: object, **named: object) -> object:
        given = made(*args, **named)
        if len(properties) == 1:
            return written(given)
        if not isinstance(given, list | tuple) or len(given) != len(properties):
            return given
        return [written(each) if name in _SHOWN else each for each, name in zip(given, properties, strict=True)]

    return shown
