"""Commands: ``flask --app wsgi …``. One module a subject; each reads its arguments and calls a use case."""

from flask import Flask

from tracker.cli.calendar import calendar
from tracker.cli.categories import categories, departments
from tracker.cli.demo import demo
from tracker.cli.escalations import escalations
from tracker.cli.history import history
from tracker.cli.issues import issues
from tracker.cli.jobs import jobs
from tracker.cli.labels import labels
from tracker.cli.phones import phones
from tracker.cli.places import places
from tracker.cli.routing import areas, routing
from tracker.cli.serve import serve
from tracker.cli.users import users

COMMANDS = (
    serve,
    demo,
    places,
    areas,
    labels,
    departments,
    calendar,
    categories,
    routing,
    users,
    phones,
    history,
    issues,
    jobs,
    escalations,
    issues,
)


def register(app: Flask) -> None:
    """Give the application its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
