"""Every component id of the dashboard, in one place."""

from typing import Any

from dash.dependencies import Wildcard

LOCATION = "location"
PAGE = "page"
TITLE = "title"
SHELL = "shell"
BURGER = "burger"
PULSE = "pulse"
REVISION = "revision"

SESSIONS_CLIENT = "sessions-client"
SESSIONS_PROTOCOL = "sessions-protocol"
SESSIONS_TEXT = "sessions-text"
SESSIONS_SINCE = "sessions-since"
SESSIONS_UNTIL = "sessions-until"
SESSIONS_RANGE = "sessions-range"
SESSIONS_SORT = "sessions-sort"
SESSIONS_ADDRESS = "sessions-address"
SESSIONS_CLEAR = "sessions-clear"
SESSIONS_PAGE = "sessions-page"
SESSIONS_PAGER = "sessions-pager"
SESSIONS_BACK = "sessions-back"
SESSIONS_ON = "sessions-on"
SESSIONS_LIST = "sessions-list"
SESSIONS_STATE = "sessions-state"
SESSIONS_SAID = "sessions-said"
SESSIONS_CHANGED = "sessions-changed"

IMPORT_FILES = "import-files"
IMPORT_CLIENT = "import-client"
IMPORT_TICK = "import-tick"
IMPORT_STOP = "import-stop"
IMPORT_SAID = "import-said"

COMPARE_SESSION = "compare-session"
COMPARE_SWITCH = "compare-switch"
COMPARE_DETAIL = "compare-detail"
COMPARE_SCALE = "compare-scale"
COMPARE_BEFORE = "compare-before"
COMPARE_AFTER = "compare-after"
COMPARE_PRINT = "compare-print"
COMPARE_SHOWN = "compare-shown"
COMPARE_BODY = "compare-body"

BEATS = "beats-part"
BEATS_AT = "beats-at"
BEATS_SHOWN = "beats-shown"
BEATS_GRAPH = "beats"
BEATS_SAID = "beats-said"
BEATS_CHANGED = "beats-changed"
BEATS_BACK = "beats-back"
BEATS_ON = "beats-on"
BEATS_ASKED_BACK = "beats-asked-back"
BEATS_ASKED_ON = "beats-asked-on"
BEATS_USE = "beats-use"
BEATS_LEAVE = "beats-leave"
BEATS_METHOD = "beats-method"
BEATS_UNDO = "beats-undo"

TWO_FIRST = "two-first"
TWO_SECOND = "two-second"
TWO_ADDRESS = "two-address"
TWO_BODY = "two-body"

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

REPLAY_SESSION = "replay-session"
REPLAY_ASKED = "replay-asked"
REPLAY_CHANGED = "replay-changed"
REPLAY_BODY = "replay-body"
REPLAY_SPEED = "replay-speed"
REPLAY_MARKERS = "replay-markers"
REPLAY_NOTE = "replay-note"
REPLAY_ADD = "replay-add"
REPLAY_UNDO = "replay-undo"
REPLAY_SAID = "replay-said"

ECG_SESSION = "ecg-session"
ECG_FROM = "ecg-from"
ECG_SPAN = "ecg-span"
ECG_FIRST = "ecg-first"
ECG_BACK = "ecg-back"
ECG_ON = "ecg-on"
ECG_STRIP = "ecg"
ECG_DRAGGED = "ecg-dragged"
ECG_WHOLE = "ecg-whole"
ECG_WHOLE_BODY = "ecg-whole-body"
ECG_TOLD = "ecg-told"
ECG_BODY = "ecg-body"

CLIENTS_TEXT = "clients-text"
CLIENTS_NAMES = "clients-names"
CLIENTS_CODE = "clients-code"
CLIENTS_ADD = "clients-add"
CLIENTS_SAID = "clients-said"
CLIENTS_STATE = "clients-state"
CLIENTS_LIST = "clients-list"

CLIENT_CODE = "client-code"
CLIENT_SHOWN = "client-shown"
CLIENT_SAID = "client-said"
CLIENT_PROGRESS = "client-progress"
CLIENT_NAME = "client-name"
CLIENT_CONTACT = "client-contact"
CLIENT_NAME_KEEP = "client-name-keep"
CLIENT_NAME_SAID = "client-name-said"

WHOSE_CLIENT = "whose-client"
WHOSE_CHANGE = "whose-change"
WHOSE_TOLD = "whose-told"
WHOSE_SAID = "whose-said"
WHOSE_DONE = "whose-done"

RATINGS_SESSION = "ratings-session"
RATINGS_SHOWN = "ratings-shown"
RATINGS_FORM = "ratings-form"
RATINGS_SAID = "ratings-said"
RATINGS_WHEN = "ratings-when"
RATINGS_KEEP = "ratings-keep"
RATINGS_SCORE = "ratings-score"
RATINGS_SCORE_VALUE = "ratings-score-value"
RATINGS_SCORE_KEEP = "ratings-score-keep"
RATINGS_READING = "ratings-reading"
RATINGS_READING_VALUE = "ratings-reading-value"
RATINGS_READING_TAKEN = "ratings-reading-taken"
RATINGS_READING_KEEP = "ratings-reading-keep"

NEW_TICK = "new-tick"
NEW_SCAN = "new-scan"
NEW_HEARD = "new-heard"
NEW_SCANNED = "new-scanned"
NEW_STRAP = "new-strap"
NEW_STRAPS = "new-straps"
NEW_PROFILE = "new-profile"
NEW_PROTOCOL = "new-protocol"
NEW_PLAN = "new-plan"
NEW_CLIENT = "new-client"
NEW_START = "new-start"
NEW_JOB = "new-job"
NEW_REFUSED = "new-refused"
NEW_SAID = "new-said"
NEW_STEP = "new-step"
NEW_NAMED = "new-named"
NEW_HEAD = "new-head"
NEW_AFRESH = "new-afresh"
NEW_PROFILE_BOX = "new-profile-box"
NEW_ECG = "new-ecg"
NEW_ECG_BOX = "new-ecg-box"
NEW_SHORT = "new-short"
NEW_ABOUT = "new-about"
NEW_TAKE_PLAN = "new-take-plan"
NEW_CHECK = "new-check"
NEW_CHECK_BEGIN = "new-check-begin"
NEW_CHECKED = "new-checked"
NEW_LAST = "new-last"
NEW_LAST_TOLD = "new-last-told"
NEW_RATINGS = "new-ratings"
NEW_SCORE = "new-score"
NEW_SCORE_VALUE = "new-score-value"

LIVE_SESSION = "live-session"
LIVE_NEWS = "live-news"
LIVE_CURSOR = "live-cursor"
LIVE_WORD = "live-word"
LIVE_SHOWN = "live-shown"
LIVE_TICK = "live-tick"
LIVE_CLOCK = "live-clock"
LIVE_TIMER = "live-timer"
LIVE_PHASE = "live-phase"
LIVE_RATE = "live-rate"
LIVE_STRAP = "live-strap"
LIVE_NOTICE = "live-notice"
LIVE_TROUBLE = "live-trouble"
LIVE_GRAPH = "live-heart-rate"
LIVE_MARKERS = "live-markers"
LIVE_CONTROLS = "live-controls"
LIVE_MARKS = "live-marks"
LIVE_UNDO = "live-undo"
LIVE_SHADES = "live-shades"
LIVE_PACER = "live-pacer"
LIVE_PACER_NOW = "live-pacer-now"
LIVE_PACER_SWITCH = "live-pacer-switch"
LIVE_PACER_RATE = "live-pacer-rate"
LIVE_PACER_BREATH = "live-pacer-breath"
LIVE_PACER_INHALE = "live-pacer-inhale"
LIVE_SAY = "live-say"
LIVE_SAY_DIALOG = "live-say-dialog"
LIVE_SAY_SLIDERS = "live-say-sliders"
LIVE_SAY_KEEP = "live-say-keep"
LIVE_SAY_NO = "live-say-no"
LIVE_SAY_DONE = "live-say-done"
LIVE_SAY_TOLD = "live-say-told"
LIVE_FEEDBACK = "live-feedback"
LIVE_FEEDBACK_SHOW = "live-feedback-show"
LIVE_FEEDBACK_TICK = "live-feedback-tick"
LIVE_KEYS = "live-keys"
LIVE_AT_HAND = "live-at-hand"
LIVE_ENDS = "live-ends"
LIVE_NOTE = "live-note"
LIVE_ADD = "live-add"
LIVE_END = "live-end"
LIVE_STOP = "live-stop"
LIVE_CONFIRM = "live-confirm"
LIVE_STOP_YES = "live-stop-yes"
LIVE_STOP_NO = "live-stop-no"

CALM_SESSION = "calm-session"
CALM_TICK = "calm-tick"
CALM_SWING = "calm-swing"
CALM_SCREEN = "calm-screen"

PLAYER = "player"
PLAYER_SESSION = "player-session"
PLAYER_OFFER = "player-offer"
PLAYER_LOOK = "player-look"
PLAYER_REVISION = "player-revision"
PLAYER_LIST = "player-list"
PLAYER_LIVE = "player-live"
LIVE_REST = "live-rest"

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
MUSIC_DELAY = "music-delay"
MUSIC_FADE = "music-fade"
MUSIC_KEEP = "music-keep"
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

PLAN_BODY = "plan-body"
PLAN_SAID = "plan-said"
PLAN_CHANGED = "plan-changed"
PLAN_SHOWN = "plan-shown"
COHORT_APPROACHES = "cohort-approaches"
COHORT_CLIENTS = "cohort-clients"
COHORT_SINCE = "cohort-since"
COHORT_UNTIL = "cohort-until"
COHORT_GATHER = "cohort-gather"
COHORT_STOP = "cohort-stop"
COHORT_TICK = "cohort-tick"
COHORT_STATE = "cohort-state"
COHORT_JOB = "cohort-job"
COHORT_SHOWN = "cohort-shown"
COHORT_STATUS = "cohort-status"
COHORT_BODY = "cohort-body"
COHORT_FETCH = "cohort-fetch"
COHORT_CSV = "cohort-csv"
COHORT_CODEBOOK = "cohort-codebook"
COHORT_FILE = "cohort-file"


def nav(within: str | Wildcard) -> dict[str, Any]:
    """Name an entry of the navigation by the addresses that are within it."""
    return {"type": "nav", "within": within}


def client_field(part: str | Wildcard, name: str | Wildcard) -> dict[str, Any]:
    """Name a field of what is known of a client: the part of the document, and its name there."""
    return {"type": "client-field", "part": part, "name": name}


def new_go(to: int | Wildcard, where: str | Wildcard) -> dict[str, Any]:
    """Name a button that leads to a step of a new session, and where on the page it stands."""
    return {"type": "new-go", "to": to, "where": where}


def anyway(where: str, code: str | Wildcard) -> dict[str, Any]:
    """Name the button that takes a code which looks like a name, on one of the pages that ask."""
    return {"type": f"{where}-anyway", "code": code}


def new_head(to: int | Wildcard) -> dict[str, Any]:
    """Name a step of a new session in the head of the page, where it can be gone to."""
    return {"type": "new-head", "to": to}


def new_panel(step: int | Wildcard) -> dict[str, Any]:
    """Name what is shown in a step of a new session."""
    return {"type": "new-panel", "step": step}


def new_context(item: str | Wildcard) -> dict[str, Any]:
    """Name the field of a circumstance."""
    return {"type": "new-context", "item": item}


def new_reading(quantity: str | Wildcard) -> dict[str, Any]:
    """Name the field of a reading."""
    return {"type": "new-reading", "quantity": quantity}


def rating(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name a slider: which of a page's sets it is in, and its scale."""
    return {"type": "rating", "group": group, "scale": scale}


def rating_given(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name the store that holds a slider's answer; None until it is touched."""
    return {"type": "rating-given", "group": group, "scale": scale}


def rating_told(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name the place that tells a slider's answer."""
    return {"type": "rating-told", "group": group, "scale": scale}


def rating_back(group: str | Wildcard, scale: str | Wildcard) -> dict[str, Any]:
    """Name the button that takes a slider's answer back."""
    return {"type": "rating-back", "group": group, "scale": scale}


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


def live_music(key: str | Wildcard, act: str | Wildcard) -> dict[str, Any]:
    """Name the button that starts or stops music which people make: it does what it says, however old its page is."""
    return {"type": "player-live-music", "key": key, "act": act}


def live_mark(label: str | Wildcard) -> dict[str, Any]:
    """Name the button that sets a marker of that label."""
    return {"type": "live-mark", "label": label}


def live_mark_said(label: str | Wildcard) -> dict[str, Any]:
    """Name the place that tells what became of a press of that button."""
    return {"type": "live-mark-said", "label": label}


def said(identity: str) -> str:
    """Name the place that tells why an action failed."""
    return f"{identity}-said"


def row(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the store that says which session a row of the list is about."""
    return {"type": "sessions-row", "session": session_id}


def result(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the cell of a row that is filled in once its session is analysed."""
    return {"type": "sessions-result", "session": session_id}


def remove(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the button that puts a session aside."""
    return {"type": "sessions-remove", "session": session_id}


def restore(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the button that brings a session back."""
    return {"type": "sessions-restore", "session": session_id}


def replay_act(act: str | Wildcard, line: int | Wildcard) -> dict[str, Any]:
    """Name the button that does something about the marker or phase which that line of the log began."""
    return {"type": "replay-act", "act": act, "line": line}


def replay_label(line: int | Wildcard) -> dict[str, Any]:
    """Name the words of a marker."""
    return {"type": "replay-label", "line": line}


def settings_restore(session_id: str | Wildcard) -> dict[str, Any]:
    """Name the button that brings a removed session back, on the page of settings."""
    return {"type": "settings-restore", "session": session_id}


def plan_act(act: str | Wildcard) -> dict[str, Any]:
    """Name a button of a client's experiment."""
    return {"type": "plan-act", "act": act}


def plan_field(name: str | Wildcard) -> dict[str, Any]:
    """Name a control of a client's experiment."""
    return {"type": "plan-field", "name": name}


def later(figure: str | Wildcard) -> dict[str, Any]:
    """Return the id of the place where plotly draws a figure that is there already as the server drew it."""
    return {"type": "later", "figure": figure}


def near(figure: str | Wildcard) -> dict[str, Any]:
    """Return the id of what tells that somebody came near such a figure."""
    return {"type": "near", "figure": figure}


def opened(part: str | Wildcard) -> dict[str, Any]:
    """Return the id of the inside of a part that is made when it is opened."""
    return {"type": "opened", "part": part}


def opening(part: str | Wildcard) -> dict[str, Any]:
    """Return the id of what tells that such a part was opened."""
    return {"type": "opening", "part": part}
