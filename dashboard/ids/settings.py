"""Settings, exporting and erasing."""

from typing import Any

from dash.dependencies import Wildcard

SETTINGS_CHANGED = "settings-changed"
SETTINGS_REMOVED = "settings-removed"
SETTINGS_DEEDS = "settings-deeds"
SETTINGS_FORM = "settings-form"
SETTINGS_FORM_NAME = "settings-form-name"

SOUND_DELAY = "sound-delay"
SOUND_FADE = "sound-fade"
SOUND_AT_REST = "sound-at-rest"
SOUND_KEEP = "sound-keep"
SOUND_SAID = "sound-said"

EXPORT_SESSION = "export-session"
EXPORT_FORMAT = "export-format"
EXPORT_NOTES = "export-notes"
EXPORT_DO = "export-do"
EXPORT_FILE = "export-file"
EXPORT_SAID = "export-said"

ERASE_CLIENT = "erase-client"
ERASE_TYPED = "erase-typed"
ERASE_DO = "erase-do"
ERASE_LEAVING = "erase-leaving"
ERASE_SAID = "erase-said"


def settings_restore(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the button that brings a removed session back, on the page of settings."""
    return {"type": "settings-restore", "session": session_id}
