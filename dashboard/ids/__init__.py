"""Every component id of the dashboard, in one place: a module for each group of pages, all to be had as `ids.NAME`."""

from dashboard.ids.clients import *  # noqa: F403
from dashboard.ids.frame import *  # noqa: F403
from dashboard.ids.live import *  # noqa: F403
from dashboard.ids.music import *  # noqa: F403
from dashboard.ids.new import *  # noqa: F403
from dashboard.ids.one_session import *  # noqa: F403
from dashboard.ids.ratings import *  # noqa: F403
from dashboard.ids.sessions import *  # noqa: F403
from dashboard.ids.settings import *  # noqa: F403
