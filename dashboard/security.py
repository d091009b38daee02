"""What the dashboard answers, and to whom.

It shows private health data and has no accounts yet, so it answers this machine only. A web
page elsewhere must not reach it through the user's own browser: neither under a host name
that resolves to this machine (DNS rebinding), nor by posting to it, nor by framing it.
"""

import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, request

ALLOWED_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
CSRF_COOKIE = "_csrf_token"  # the two names Dash's renderer knows
CSRF_HEADER = "X-CSRFToken"
_LARGEST_REQUEST = 256 * 1024 * 1024  # bytes: a day of ECG brought in through the page, and some
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

_FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # nobody else learns of an address; our own server sends its page with the frame
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Allow this server's own files and nothing else.

    Parameters
    ----------
    script_hashes : sequence of str
        Of the inline scripts that start the page, quoted as `dash.Dash.csp_hashes` gives them.

    Returns
    -------
    str
        The header's value. Inline styles stay allowed: Mantine and plotly write their styles into the page.
    """
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",  # plotly saves a picture through these
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def protect(server: Flask, *, script_hashes: Sequence[str]) -> None:
    """Check every request before Dash sees it, and put the headers on every answer.

    Parameters
    ----------
    server : Flask
        The server behind the Dash app.
    script_hashes : sequence of str
        As for `content_security_policy`.
    """
    policy = content_security_policy(script_hashes)
    server.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST

    @server.before_request
    def _check() -> tuple[str, int] | None:
        refusal = _refusal()
        return None if refusal is None else (f"{refusal}\n", 403)

    @server.after_request
    def _finish(response: Response) -> Response:
        response.headers.update(_FIXED_HEADERS)
        response.headers["Content-Security-Policy"] = policy
        if kept := _kept(response):
            response.headers["Cache-Control"] = kept
        if response.mimetype == "text/html" and CSRF_COOKIE not in request.cookies:
            response.set_cookie(CSRF_COOKIE, secrets.token_urlsafe(32), samesite="Strict")
        return response


def _kept(response: Response) -> str | None:
    """Return what a browser may keep: the program's own files, by names that change with them; no page of a client's.

    None where whoever answers has said it.
    """
    if response.mimetype in {"text/html", "application/json"}:
        return "no-store"
    if not request.path.startswith("/assets/"):
        return None
    return "public, max-age=31536000, immutable" if "m" in request.args else "public, max-age=86400"


def _refusal() -> str | None:
    """Return why this request is not answered; None where it is."""
    if _host_name(request.headers.get("Host", "")) not in ALLOWED_HOSTS:
        return "biotune answers this machine only, under 127.0.0.1 or localhost."
    if request.method in _READING:
        return None
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.headers['Host']}":
        return "This request came from another site's page."
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return "This request came from another site's page."
    cookie, header = request.cookies.get(CSRF_COOKIE, ""), request.headers.get(CSRF_HEADER, "")
    if not cookie or not hmac.compare_digest(cookie.encode(), header.encode()):
        return "This request does not come from an open biotune page. Reload the page and try again."
    return None


def _host_name(host: str) -> str | None:
    """Host name without its port; None for what is no host at all."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
