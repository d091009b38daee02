"""Answers an open page that asks whether biotune still runs: ``assets/presence.js``."""

from flask import Flask, Response


def register(server: Flask) -> None:
    """Add the route; it looks at nothing, so that it answers however busy the log is."""

    @server.get("/alive")
    def alive() -> Response:
        return Response(status=204, headers={"Cache-Control": "no-store"})
