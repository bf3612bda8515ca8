"""The web application, for any WSGI server: ``flask --app wsgi serve``."""

from config import Config
from tracker import create_app

app = create_app(Config.from_environment())
