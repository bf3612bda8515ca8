"""``flask serve``: bring the database up to date, fill the demo street where asked, and answer."""

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext

from config import Config
from tracker.adapters.web_server import PortBusy, WebServer
from tracker.services.parts import parts


@click.command
@with_appcontext
def serve() -> None:
    """Serve the site until Ctrl-C or SIGTERM.

    The database is brought up to date first. With TRACKER_DEMO=1 an empty one is filled with the demo street,
    and its sign-ins and a code to scan are shown. Address, port and everything else are settings: docs/settings.md.
    """
    config = parts().config
    server = _listening(
        config
    )  # before the demo is loaded: a busy port should not take half a minute to find
    flask_migrate.upgrade()
    click.echo(f"Serving on {config.public_url} (Ctrl-C ends it)")
    server.run()
    click.echo("Ended.")


def _listening(config: Config) -> WebServer:
    try:
        return WebServer(
            current_app.wsgi_app,
            host=config.bind,
            port=config.port,
            threads=config.threads,
            body_limit_bytes=config.body_limit_bytes,
            is_behind_proxy=config.proxies > 0,
        )
    except PortBusy as error:
        raise click.ClickException(str(error)) from error
