"""The library of music, choosing its folders, and the record of the music of a session."""

from typing import Any

from dash.dependencies import Wildcard

FOLDER_DIALOG = "folder-dialog"
FOLDER_OPEN = "folder-open"
FOLDER_AT = "folder-at"
FOLDER_BODY = "folder-body"
FOLDER_SAID = "folder-said"
FOLDER_YES = "folder-yes"
FOLDER_NO = "folder-no"
FOLDER_DONE = "folder-done"

MUSIC_CHANGED = "music-changed"
MUSIC_CHOSEN = "music-chosen"
MUSIC_BEFORE = "music-before"
MUSIC_TICK = "music-tick"
MUSIC_SAID = "music-said"
MUSIC_FOLDERS = "music-folders"
MUSIC_PATH = "music-path"
MUSIC_ADD = "music-add"
MUSIC_SCAN = "music-scan"
MUSIC_TEXT = "music-text"
MUSIC_ORDER = "music-order"
MUSIC_PAGE = "music-page"
MUSIC_TABLE = "music-table"
MUSIC_BACK = "music-back"
MUSIC_PAGER = "music-pager"
MUSIC_ON = "music-on"
MUSIC_PIECE = "music-piece"
MUSIC_BPM = "music-bpm"
MUSIC_TAP = "music-tap"
MUSIC_TAPPED = "music-tapped"
MUSIC_LIST = "music-list"
MUSIC_ENTRIES = "music-entries"
MUSIC_UNDO = "music-undo"
MUSIC_NAME = "music-name"
MUSIC_MAKE = "music-make"
MUSIC_PEOPLE = "music-people"
MUSIC_WHAT = "music-what"
MUSIC_WHO = "music-who"
MUSIC_LIVE = "music-live"
MUSIC_WHOSE = "music-whose"
MUSIC_WHOSE_KNOWN = "music-whose-known"
MUSIC_WHOSE_SHOWN = "music-whose-shown"
MUSIC_RESPONSE = "music-response"

RECORD_SESSION = "record-session"
RECORD_SHOWN = "record-shown"
RECORD_FORM = "record-form"
RECORD_KEEP = "record-keep"
RECORD_AGAIN = "record-again"
RECORD_SAID = "record-said"
RECORD_EXPLORE = "record-explore"
RECORD_EXPLORED = "record-explored"


def music_act(act: str | Wildcard, key: str | Wildcard, place: int | Wildcard) -> dict[str, Any]:
    """Name the button that does something to a folder, piece or playlist, and to which of its entries."""
    return {"type": "music-act", "act": act, "key": key, "place": place}


def folder_step(path: str | Wildcard) -> dict[str, Any]:
    """Name the button that goes into a folder, where one is chosen."""
    return {"type": "folder-step", "path": path}


def music_piece(key: str | Wildcard) -> dict[str, Any]:
    """Name the button that opens a piece."""
    return {"type": "music-piece", "key": key}


def record_item(item: str | Wildcard) -> dict[str, Any]:
    """Name the field of an item of the record of the music."""
    return {"type": "record-item", "item": item}
