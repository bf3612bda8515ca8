"""The case tracker: ``create_app`` puts one application together from its settings."""

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import tracker.models  # noqa: F401 - makes every table known
from config import Config
from tracker import cli, web
from tracker.extensions import Clock, bind_engine, csrf, db, engine_options, machine_clock, migrate
from tracker.services.parts import assemble, bind_parts

HERE = Path(__file__).parent


def create_app(config: Config, clock: Clock = machine_clock) -> Flask:
    """Put the application together: settings, parts, database, pages, commands.

    Raises:
        SettingWrong, PhoneKeysWrong: a setting cannot be used.
        RouteOpen: a page forgot to say who may use it.
    """
    app = Flask(__name__)
    _configure(app, config)
    _bind(app, config, clock)
    web.register(app)
    cli.register(app)
    return app


def _configure(app: Flask, config: Config) -> None:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    app.config.update(
        SECRET_KEY=config.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        SQLALCHEMY_DATABASE_URI=config.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database),
        MAX_CONTENT_LENGTH=config.body_limit_bytes,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=200,
        TRUSTED_HOSTS=config.trusted_hosts,
        WTF_CSRF_TIME_LIMIT=None,  # a report written on a weak network may be sent hours later
        WTF_CSRF_SSL_STRICT=False,  # link pages send no referrer, on purpose
    )
    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=0
        )


def _bind(app: Flask, config: Config, clock: Clock) -> None:
    app.extensions["clock"] = clock
    bind_parts(app, assemble(config))
    db.init_app(app)
    migrate.init_app(app, db, directory=str(HERE / "migrations"))
    csrf.init_app(app)
    bind_engine(app)
