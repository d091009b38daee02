"""The clients: their list, one of them, an experiment with one, and all together."""

from typing import Any

from dash.dependencies import Wildcard

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


def client_field(part: str | Wildcard, name: str | Wildcard) -> dict[str, Any]:
    """Name a field of what is known of a client: the part of the document, and its name there."""
    return {"type": "client-field", "part": part, "name": name}


def plan_act(act: str | Wildcard) -> dict[str, Any]:
    """Name a button of a client's experiment."""
    return {"type": "plan-act", "act": act}


def plan_field(name: str | Wildcard) -> dict[str, Any]:
    """Name a control of a client's experiment."""
    return {"type": "plan-field", "name": name}
