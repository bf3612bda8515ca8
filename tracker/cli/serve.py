"""``flask serve``: bring the database up to date, fill the demo street where asked, and answer."""

from contextlib import nullcontext

import click
import flask_migrate
from flask import Flask
from flask.cli import ScriptInfo

from config import Config
from tracker.adapters.qr_images import symbol, terminal
from tracker.adapters.web_server import PortBusy, WebServer
from tracker.cli.demo import load_street, show_sign_ins
from tracker.demo.load import is_half_loaded
from tracker.domain.qr_token import PublicUrlUnusable, label_url
from tracker.jobs import job_process_beside
from tracker.services.labels import LabelView, labels, places_within
from tracker.services.parts import parts


@click.command
@click.pass_obj
def serve(script: ScriptInfo) -> None:
    """Serve the site until Ctrl-C or SIGTERM; requests in hand are finished first.

    The database is brought up to date before. With TRACKER_DEMO=1 an empty one is filled with the demo street,
    and its sign-ins and a code to scan are shown. Address, port and everything else are settings: docs/settings.md.
    """
    app = script.load_app()
    with app.app_context():  # ends before we serve: a reader left open keeps SQLite's log growing
        config = parts().config
        server = _listening(app, config)  # first of all: a busy port should not take half a minute to find
        flask_migrate.upgrade()
        if config.demo:
            _show_demo(config)
    click.echo(f"Serving on {config.public_url} (Ctrl-C ends it)")
    with job_process_beside() if config.jobs else nullcontext():
        server.run()
    click.echo("Ended.")


def _listening(app: Flask, config: Config) -> WebServer:
    try:
        return WebServer(
            app.wsgi_app,
            host=config.bind,
            port=config.port,
            threads=config.threads,
            body_limit_bytes=config.body_limit_bytes,
            is_behind_proxy=config.proxies > 0,
        )
    except PortBusy as error:
        raise click.ClickException(str(error)) from error


def _show_demo(config: Config) -> None:
    """Load the street if there is none, then show how to try it."""
    if not places_within():
        load_street()
    if is_half_loaded():
        click.echo("The demo street was loaded only in part: empty the database to load it anew.", err=True)
    show_sign_ins()
    posted = labels(state="posted", place_kind="metro") or labels(state="posted")
    if posted:
        _show_code(config, posted[0])


def _show_code(config: Config, label: LabelView) -> None:
    try:
        url = label_url(config.public_url, label.token)
    except PublicUrlUnusable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"\nScan as at {label.place_name}, or open {url}\n")
    click.echo(terminal(symbol(url)))
