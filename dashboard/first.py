"""What a page says, before any script: its tree as HTML, in the index that the browser loads first.

The same tree of components that Dash draws in the browser is written here as HTML, so there is one page and no second
wording. It is read while half a dozen megabytes of scripts are loaded and run; then ``assets/drawings.js`` takes it
away in the moment in which Dash's own has been drawn at the same places. Links work from the beginning; buttons and
fields stand there but wait. Where no script runs at all, it stays.

Of Mantine's components those that Compare begins with are known; any other is left to Dash.
"""

import html
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dash.development.base_component import Component
from flask import Flask, Response, request, stream_with_context

logger = logging.getLogger(__name__)

_PLACE = "<!--first-->"  # in the index, where the page is written
_ASKED_NEXT = "".join(
    f'<link rel="preload" as="fetch" crossorigin href="/{name}">' for name in ("_dash-layout", "_dash-dependencies")
)  # what Dash asks for as soon as its scripts run
_SCRIPT = re.compile(r'<script src="([^"]+)"')
_CAPITAL = re.compile(r"[A-Z]")
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_ATTRIBUTES = {"className": "class", "tabIndex": "tabindex", "dateTime": "datetime", "colSpan": "colspan"}
_KEPT = frozenset({*_ATTRIBUTES, "href", "role", "title", "type", "hidden", "lang", "start"})
_MANTINE = {
    "AppShellHeader": "header",
    "AppShellNavbar": "nav",
    "AppShellMain": "main",
    "Stack": "div",
    "Group": "div",
    "Paper": "div",
    "SimpleGrid": "div",
    "Badge": "div",
    "Alert": "div",
    "Text": "p",
    "Anchor": "a",
    "NavLink": "a",
    "Table": "table",
    "TableThead": "thead",
    "TableTbody": "tbody",
    "TableTr": "tr",
    "TableTh": "th",
    "TableTd": "td",
    "Button": "button",
    "Burger": "button",
    "ColorSchemeToggle": "button",
}
_SPACES = {"xs": "0.625rem", "sm": "0.75rem", "md": "1rem", "lg": "1.25rem", "xl": "2rem"}
_STYLES = {"gap": "gap", "p": "padding", "w": "width", "maw": "max-width", "flex": "flex", "fw": "font-weight"}
_AS_CLASS = ("size", "fz", "variant", "visibleFrom", "hiddenFrom", "align", "c")


def register(server: Flask, page: Callable[[str, str], Component | None]) -> None:
    """Write the page that is asked for into the index.

    Parameters
    ----------
    server : Flask
        The server behind the Dash app, its index holding a place for it.
    page : callable
        From an address' path and its search to what is read there first; None where all of it is left to Dash.
    """

    @server.after_request
    def _write(response: Response) -> Response:
        if response.mimetype != "text/html" or response.is_streamed or response.status_code != 200:  # noqa: PLR2004
            return response
        before, found, after = response.get_data(as_text=True).partition(_PLACE)
        if found:
            response.set_data(b"")  # its length is not known yet
            del response.headers["Content-Length"]
            response.response = stream_with_context(_parts(before, after, page))
        return response


def _parts(before: str, after: str, page: Callable[[str, str], Component | None]) -> Iterator[str]:
    """Send the head at once, so that scripts are on their way while the page is computed."""
    early = "".join(f'<link rel="preload" as="script" href="{source}">' for source in _SCRIPT.findall(after))
    yield before.replace("</head>", f"{early}</head>", 1)
    yield _read_first(page)
    yield _ASKED_NEXT
    yield after


def _read_first(page: Callable[[str, str], Component | None]) -> str:
    """Return what is read first; nothing where it fails: the head is sent by then, and Dash's own page tells of it."""
    try:
        tree = page(request.path, request.query_string.decode(errors="replace"))
        return f'<div id="first">{written(tree)}</div>' if tree is not None else ""
    except Exception:
        logger.exception("a page could not be written before its scripts")
        return ""


def written(part: object) -> str:
    """Return a component, words, or a list of them as HTML.

    Parameters
    ----------
    part : object
        What Dash takes as children.
    """
    if part is None:
        return ""
    if isinstance(part, list | tuple):
        return "".join(written(each) for each in part)
    return _component(part) if isinstance(part, Component) else html.escape(str(part), quote=False)


def _component(part: Component) -> str:
    kind, props = type(part).__name__, _props(part)
    if type(part).__module__.startswith("dash.html."):
        return _element(kind.lower(), props, written(props.get("children")))
    if kind == "Select":
        return _field(props)
    if kind == "Title":
        return _element(f"h{props.get('order', 1)}", {**props, **_look(kind, props)}, written(props.get("children")))
    return _element(_MANTINE[kind], {**props, **_look(kind, props)}, _inside(kind, props)) if kind in _MANTINE else ""


def _props(part: Component) -> dict[str, Any]:
    described: Any = part
    given: dict[str, Any] = described.to_plotly_json()["props"]
    return given


def _inside(kind: str, props: Mapping[str, Any]) -> str:
    """Return what stands in one of Mantine's: its icon and its label beside its children."""
    if kind == "ColorSchemeToggle":
        return "".join(
            f'<span class="bt-first-{scheme}">{written(props.get(f"{scheme}Icon"))}</span>'
            for scheme in ("light", "dark")
        )
    parts = [props.get("leftSection"), props.get("icon"), props.get("label"), props.get("children")]
    if kind == "Alert" and (title := props.get("title")):
        return f"<strong>{html.escape(title)}</strong>{written(parts)}"
    return written(parts)


def _field(props: Mapping[str, Any]) -> str:
    """Return a choice as it stands before it can be opened."""
    style = "".join(f"{_STYLES[name]}:{props[name]};" for name in ("flex", "maw") if name in props)
    label, placeholder = (html.escape(str(props.get(name) or "")) for name in ("label", "placeholder"))
    return (
        f'<label class="bt-first-field" style="{style}"><span>{label}</span>'
        f'<input disabled placeholder="{placeholder}"></label>'
    )


def _look(kind: str, props: Mapping[str, Any]) -> dict[str, Any]:
    """Return class and style for a component of Mantine's."""
    names = [f"bt-first-{kind}", *(f"bt-first-{name}-{props[name]}" for name in _AS_CLASS if name in props)]
    style = {_STYLES[name]: _space(props[name]) for name in _STYLES if name in props}
    if props.get("withBorder"):
        names.append("bt-first-border")
    return {
        "data-active": "true" if props.get("active") else None,
        "className": " ".join([*names, str(props.get("className", ""))]).strip(),
        "style": {**style, **props.get("style", {})},
        "title": None,
    }


def _space(value: object) -> str:
    return f"{value / 16:g}rem" if isinstance(value, int) and value < 100 else _SPACES.get(str(value), str(value))  # noqa: PLR2004


def _element(tag: str, props: Mapping[str, Any], inside: str) -> str:
    waits = " disabled" if tag in {"button", "input"} else ""
    drawing = str(props.get("data-drawing", ""))  # SVG that the server drew
    opening = f"<{tag}{''.join(_attributes(props))}{waits}>"
    return opening if tag in _VOID else f"{opening}{inside}{drawing}</{tag}>"


def _attributes(props: Mapping[str, Any]) -> Iterable[str]:
    for name, value in props.items():
        if value is None or value is False or name in {"data-drawing", "data-graph"}:
            continue
        if name == "style":
            style = ";".join(f"{_hyphened(key)}:{each}" for key, each in value.items())
            yield f' style="{html.escape(style)}"' if style else ""
        elif name in _KEPT or name.startswith(("aria-", "data-")):
            yield f' {_ATTRIBUTES.get(name, name)}="{html.escape(str(value))}"'


def _hyphened(name: str) -> str:
    return _CAPITAL.sub(lambda capital: f"-{capital[0].lower()}", name)
