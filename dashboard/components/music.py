"""The therapist's music: folders, pieces, playlists, live music, as they stand."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from biotune.analysis import music_words
from biotune.domain.music import Piece, Playlist
from biotune.library.music import Scan
from dashboard import ids, regional, theme
from dashboard.components import notices

PAGE = 50  # pieces
_FEW = 3  # are told without a click
_STEPS = {"looking": "Looking through the folders", "reading": "Reading files", "measuring": "Measuring"}

ORDERS: Mapping[str, tuple[str, Callable[[Piece, int], Any]]] = {
    "title": ("Title", lambda piece, _plays: piece.title.casefold()),
    "performer": ("Performer", lambda piece, _plays: (not piece.performer, piece.performer.casefold())),
    "slow": ("Slowest first", lambda piece, _plays: (piece.bpm is None, piece.bpm or 0.0)),
    "short": ("Shortest first", lambda piece, _plays: (piece.duration_s is None, piece.duration_s or 0.0)),
    "quiet": ("Quietest first", lambda piece, _plays: (piece.loudness_lufs is None, piece.loudness_lufs or 0.0)),
    "played": ("Most played first", lambda _piece, plays: -plays),
}


def button(words: str, act: str, key: str, place: int = 0, *, label: str = "", **more: Any) -> Component:  # noqa: ANN401 - properties
    """Return a small button that does something to the thing with that key."""
    named = notices.named(label) if label else {}
    return dmc.Button(words, id=ids.music_act(act, key, place), variant="default", size="xs", **{**named, **more})


def folders(known: Sequence[str]) -> Component:
    """List the folders in which music is looked for."""
    if not known:
        return dmc.Text(
            "None yet. Choose a folder with your own audio files, or type its full path: WAV, FLAC, OGG, MP3 or M4A."
        )
    rows = [
        dmc.Group(
            [
                html.Span(each, className="bt-code bt-wrap"),
                button(
                    "Remove",
                    "remove-folder",
                    each,
                    label=f"Remove {each} from the library; its files stay",
                    className=regional.OWN,
                ),
            ],
            gap="sm",
        )
        for each in known
    ]
    return dmc.Stack([*rows, dmc.Group([button("Look again", "scan", "")])], gap="xs")


def scan(now: Scan) -> Component | None:
    """Tell how far looking and measuring is, and which files cannot be used."""
    if not now.step:
        return None
    told: list[Component | None] = []
    if now.running:
        part = 100 * now.done / now.of if now.of else 0
        words = f"{_STEPS[now.step]}: {now.done} of {now.of}" if now.of else _STEPS[now.step]
        told += [
            dmc.Text(f"{words} {now.now}".strip(), lineClamp=1),
            dmc.Progress(value=part, **notices.named("How far it is")),
            dmc.Group([button("Stop", "cancel", "")]),
        ]
    elif now.cancelled:
        told.append(dmc.Text("Stopped. What is measured stays measured; look again to go on."))
    else:
        new = f"{now.measured} of them newly measured" if now.measured else "none of them new"
        useless = f"; {now.unusable} more cannot be used" if now.unusable else ""
        told.append(dmc.Text(f"{now.found - now.unusable} audio files found, {new}{useless}.", c="dimmed"))
    return dmc.Stack([*told, _problems(now)], gap="xs")


def _problems(now: Scan) -> Component | None:
    if not now.problems:
        return None
    count = len(now.problems) + now.more_problems
    rows = [html.Li([html.Span(path, className="bt-code bt-wrap"), f" {words}"]) for path, words in now.problems]
    more = [html.Li(f"and {now.more_problems} more")] if now.more_problems else []
    return html.Details(
        [html.Summary(f"{count} {'file needs' if count == 1 else 'files need'} a look"), html.Ul([*rows, *more])],
        className="bt-numbers",
        open=count <= _FEW,
    )


def counted(pieces: Sequence[Piece]) -> str:
    """Say how many pieces there are; files that cannot be used are counted apart."""
    useless = sum(bool(each.problem) and not each.live and not each.playable for each in pieces)
    count = len(pieces) - useless
    told = "1 piece" if count == 1 else f"{count} pieces"
    files = "1 file that cannot be used" if useless == 1 else f"{useless} files that cannot be used"
    return f"{told}, {files}" if useless else told


def chosen(pieces: Sequence[Piece], plays: Mapping[str, int], text: str, order: str) -> list[Piece]:
    """Return the pieces whose title, performer or path contain every word that is sought, in an order."""
    words = text.casefold().split()
    found = [
        each
        for each in pieces
        if not each.live and all(word in f"{each.title} {each.performer} {each.path}".casefold() for word in words)
    ]
    key = ORDERS.get(order, ORDERS["title"])[1]
    return sorted(found, key=lambda each: key(each, plays.get(each.key, 0)))


def table(found: Sequence[Piece], plays: Mapping[str, int], page: int) -> Component:
    """Return one page of pieces."""
    if not found:
        return dmc.Text("No piece is called that.")
    head = dmc.TableTr(
        [
            dmc.TableTh("Title"),
            *(dmc.TableTh(each, visibleFrom="sm") for each in ("Performer", "Length")),
            dmc.TableTh("Tempo"),
            *(dmc.TableTh(each, visibleFrom="md") for each in ("Loudness", "Played")),
        ]
    )
    rows = [_row(each, plays.get(each.key, 0)) for each in found[PAGE * (page - 1) : PAGE * page]]
    return dmc.Table(
        [dmc.TableThead(head), dmc.TableTbody(rows)], highlightOnHover=True, verticalSpacing=6, className="bt-table"
    )


def _row(piece: Piece, plays: int) -> Component:
    note = "The file is gone." if piece.missing else piece.problem
    title = dmc.Button(
        piece.title,
        id=ids.music_piece(piece.key),
        variant="transparent",
        className="bt-piece",
        **notices.named(f"{piece.title}: listen, tempo, playlists"),
    )
    return dmc.TableTr(
        [
            dmc.TableTd([title, dmc.Text(note, size="sm", c="dimmed") if note else None]),
            dmc.TableTd(piece.performer or "–", visibleFrom="sm"),
            dmc.TableTd(theme.clock(piece.duration_s) if piece.duration_s else "–", visibleFrom="sm"),
            dmc.TableTd(music_words.tempo(piece) or "–"),
            dmc.TableTd(music_words.loudness(piece) or "–", visibleFrom="md"),
            dmc.TableTd(str(plays) if plays else "–", visibleFrom="md"),
        ]
    )


def piece(of: Piece, playlists: Sequence[Playlist], played: Mapping[str, int]) -> Component:
    """Return one piece: listen to it, set its tempo, put it on a playlist; `played` is how often in which session."""
    about = " · ".join(
        each
        for each in (
            of.performer,
            theme.clock(of.duration_s) if of.duration_s else "",
            music_words.tempo(of),
            music_words.loudness(of),
        )
        if each
    )
    listen = (
        html.Audio(src=f"/media/{of.key}", controls=True, preload="none", className="bt-listen", title=of.title)
        if of.playable and not of.missing
        else dmc.Text(of.problem or "The file is gone.")
    )
    return dmc.Stack(
        [
            html.H3(of.title),
            dmc.Text(about),
            html.Span(of.path, className="bt-code bt-wrap"),
            listen,
            _played(played),
            _tempo(of),
            _onto(of, playlists),
        ],
        gap="sm",
    )


def _played(played: Mapping[str, int]) -> Component:
    """Tell how often a piece was played, and lead to those sessions, the newest first."""
    times = sum(played.values())
    if not times:
        return dmc.Text("Not played in a session yet.", c="dimmed")
    words = f"Played {'once' if times == 1 else f'{times} times'}, in "
    links = [dmc.Anchor(each, href=f"/session/{each}", underline="always") for each in played]
    if len(links) <= _FEW:
        return dmc.Group([dmc.Text(words), *links], gap="xs")
    return html.Details([html.Summary(f"{words}{len(links)} sessions"), dmc.Group(links, gap="xs")])


def _tempo(of: Piece) -> Component:
    open_to = music_words.ambiguity(of)
    choices = [
        button(
            f"{music_words.rounded(bpm)} bpm",
            "tempo",
            of.key,
            place,
            label=f"{music_words.rounded(bpm)} bpm: set this tempo",
        )
        for place, (bpm, _strength) in enumerate(of.candidates)
    ]
    return dmc.Stack(
        [
            dmc.Text(open_to) if open_to else None,
            dmc.Group(choices) if len(choices) > 1 or of.measured_bpm is None else None,
            dmc.Group(
                [
                    dmc.NumberInput(
                        id=ids.MUSIC_BPM,
                        label="Tempo in beats a minute",
                        value=of.set_bpm if of.set_bpm is not None else "",
                        placeholder=music_words.rounded(of.measured_bpm) if of.measured_bpm else "",
                        decimalScale=1,
                        w=210,
                    ),
                    dmc.Button("Tap the beat", id=ids.MUSIC_TAP, variant="default"),
                    dmc.Button("Set", id=ids.music_act("set-tempo", of.key, 0), variant="default"),
                    button("Use what was measured", "measured", of.key) if of.set_bpm is not None else None,
                ],
                align="end",
            ),
            html.Div(id=ids.MUSIC_TAPPED, role="status"),
        ],
        gap="xs",
    )


def _onto(of: Piece, playlists: Sequence[Playlist]) -> Component:
    if not playlists:
        return dmc.Text("Make a playlist below to put this piece on it.", c="dimmed")
    return dmc.Group(
        [dmc.Text("Put it on:"), *(button(each.title, "onto", f"{each.key}/{of.key}") for each in playlists)]
    )


def _empty(of: Playlist) -> str:
    return f"It is empty: open a piece above and press “{of.title}” beside “Put it on:”."


def playlist(of: Playlist, pieces: Mapping[str, Piece]) -> Component:
    """Return a playlist's pieces in order, with what moves them."""
    rows = [_entry(of, place, pieces.get(key), key) for place, key in enumerate(of.pieces)]
    length_s = sum(pieces[key].duration_s or 0.0 for key in of.pieces if key in pieces)
    about = f"{len(of.pieces)} pieces, {theme.clock(length_s)}" if of.pieces else _empty(of)
    return dmc.Stack(
        [
            dmc.Text(about, c="dimmed"),
            html.Ol(rows, className="bt-entries") if rows else None,
            dmc.Group([button("Delete this playlist", "remove-playlist", of.key)]),
        ],
        gap="xs",
    )


def _entry(of: Playlist, place: int, piece: Piece | None, key: str) -> Component:
    title = piece.title if piece else f"not in the library ({key[:8]})"
    tempo = music_words.tempo(piece) if piece else ""
    return html.Li(
        dmc.Group(
            [
                html.Span([title, dmc.Text(f" {tempo}", span=True, c="dimmed", size="sm")]),
                button("Up", "up", of.key, place, label=f"Up: {title}", disabled=place == 0, className=regional.OWN),
                button(
                    "Down",
                    "down",
                    of.key,
                    place,
                    label=f"Down: {title}",
                    disabled=place == len(of.pieces) - 1,
                    className=regional.OWN,
                ),
                button("Take out", "out", of.key, place, label=f"Take out {title}", className=regional.OWN),
            ],
            gap="xs",
        )
    )


def undo(before: Playlist) -> Component:
    """Offer to bring a playlist back as it was."""
    words = f"The playlist {before.title} was changed." if before.pieces else f"The playlist {before.title} is gone."
    return dmc.Group([dmc.Text(words), button("Undo", "undo", before.key)])


def people(known: Sequence[Piece]) -> Component:
    """List the music that people make."""
    if not known:
        return dmc.Text("None yet. Add what is played and who plays it; the live page has a button for each.")
    return dmc.Stack(
        [
            dmc.Group(
                [
                    html.Span(f"{each.title} · {each.performer}", className=regional.OWN),
                    button("Remove", "remove-live", each.key),
                ]
            )
            for each in known
        ],
        gap="xs",
    )
