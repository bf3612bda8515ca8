"""The web application, for any WSGI server: ``flask --app wsgi serve``."""

import sys

from config import Config, SettingWrong
from tracker import create_app

try:
    app = create_app(Config.from_environment())
except SettingWrong as error:
    sys.exit(f"Error: {error}")
