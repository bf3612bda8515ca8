"""``flask history``: is what happened still what was written down?"""

import click
from flask.cli import AppGroup

from tracker.domain.history_chain import HistoryBroken
from tracker.services.history import heads_file, verify

history = AppGroup("history", help="The record of every move.")


@history.command("verify")
def verify_() -> None:
    """Walk the whole history and compare every case with it; status 1 if anything was tampered with.

    A row that was changed, removed, inserted or moved is found, and so is a case that is not what its history
    says. The signed end of the history is added to history-heads.jsonl in DATA_DIR: kept on another machine, it
    also shows that the newest rows were not cut off.
    """
    try:
        rows = verify()
    except HistoryBroken as broken:
        raise click.ClickException(f"The history is broken: {broken}.") from broken
    click.echo(f"The history is whole: {rows} rows. Its end is noted in {heads_file()}.")
