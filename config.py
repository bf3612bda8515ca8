"""Settings: one class, read once from the environment.

Every setting is an environment variable with the prefix ``TRACKER_``. Each field below says its unit, its
default and why; docs/settings.md lists them and a test holds the two together.
"""

import base64
import contextlib
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "TRACKER_"
HERE = Path(__file__).resolve().parent


class SettingWrong(ValueError):
    """A setting is missing or cannot be used; the message names it and says what to do."""


@dataclass(frozen=True)
class Config:
    """All settings of one installation."""

    secret_keys: tuple[str, ...] = field(repr=False)
    """SECRET_KEY: at least 32 characters; several separated by commas while one replaces another, newest first.
    Signs cookies and derives private links and answer codes, so a key must stay listed while codes made under it
    are in use; the links themselves do not need it.
    Default: the file ``secret_key`` in KEYS_DIR, which a fresh installation makes for itself."""

    phone_keys: str = field(repr=False)
    """PHONE_KEYS: ``id:base64`` of 32 bytes each, comma separated, newest first; encrypts reporters' phone numbers.
    Default: the file ``phone_keys`` in KEYS_DIR, so that a copy of the database alone opens none."""

    data_dir: Path = HERE / "instance"
    """DATA_DIR: folder of the SQLite database and the photos. Default ``instance`` beside the program."""

    keys_dir: Path = HERE / "instance" / "keys"
    """KEYS_DIR: folder of the key files, mode 0700. Default ``keys`` in DATA_DIR; back it up apart from the data."""

    labels_dir: Path = HERE / "qr_codes"
    """LABELS_DIR: where printable codes are written. Default ``qr_codes``: the client's folder; can be rebuilt."""

    database_url: str = ""
    """DATABASE_URL: ``sqlite:////path`` or ``postgresql://…``. Default: ``tracker.db`` in DATA_DIR."""

    public_url: str = "http://127.0.0.1:8000"
    """PUBLIC_URL: the address printed in codes and put into links, never taken from a request.
    Default: this machine at PORT, for a first look; with DEMO its address in the local network, so that a phone
    can open what it scans. Short is better: every character adds to the printed code."""

    port: int = 8000
    """PORT: TCP port of ``flask serve``. Default 8000."""

    bind: str = "127.0.0.1"
    """BIND: address that ``flask serve`` listens on. Default this machine only; with DEMO every network it is in,
    so that a phone can scan the code in the terminal."""

    threads: int = 8
    """THREADS: requests worked on at once. Default 8: reads overlap, SQLite still has one writer."""

    proxies: int = 0
    """PROXIES: how many trusted proxies stand in front and set X-Forwarded-*. Default 0: such headers are ignored."""

    demo: bool = False
    """DEMO: 1 lets the demo street's people sign in. Default 0: their passwords are printed in public."""

    office_name: str = "彭浦街道城市运行管理中心"
    """OFFICE_NAME: who runs this; on every page and label. Default the street the product was made for."""

    office_phone: str = "021-0000-0000"
    """OFFICE_PHONE: the number people can call instead; on every page and label. Default is no real number."""

    time_zone: str = "Asia/Shanghai"
    """TIME_ZONE: IANA name; days (numbers, working days) are counted in it. Instants are stored in UTC."""

    photo_limit_bytes: int = 10 * 1024 * 1024
    """PHOTO_LIMIT_BYTES: largest single photo. Default 10 MiB: any phone's JPEG fits."""

    photos_limit_bytes: int = 30 * 1024 * 1024
    """PHOTOS_LIMIT_BYTES: all photos of one report together. Default 30 MiB."""

    photos_limit_count: int = 6
    """PHOTOS_LIMIT_COUNT: photos of one report or action. Default 6."""

    photo_limit_pixels: int = 50_000_000
    """PHOTO_LIMIT_PIXELS: largest picture decoded. Default 50 megapixels; decoding the worst of them
    holds up to half a gigabyte, one at a time."""

    body_limit_bytes: int = 80 * 1024 * 1024
    """BODY_LIMIT_BYTES: largest request read at all. Default 80 MiB: above PHOTOS_LIMIT_BYTES, so that a report
    with too much is answered with its text kept rather than cut off."""

    text_limit_chars: int = 2000
    """TEXT_LIMIT_CHARS: longest text of a report or note. Default 2000; the form suggests 200."""

    device_an_hour: int = 10
    """DEVICE_AN_HOUR: reports and joinings of one device that pass without a word. Default 10: a courier on his
    round stays below it; from there on his phone works out a puzzle each time."""

    device_most: int = 30
    """DEVICE_MOST: reports and joinings of one device beyond which it has to wait. Default 30: nobody meets so many
    troubles, and what was typed stays in the form."""

    device_label_an_hour: int = 4
    """DEVICE_LABEL_AN_HOUR: the same of one device at one label without a puzzle. Default 4: an owner on a
    bad day."""

    device_label_most: int = 12
    """DEVICE_LABEL_MOST: and beyond which it has to wait. Default 12: three bad days at once."""

    network_label_an_hour: int = 12
    """NETWORK_LABEL_AN_HOUR: reports and joinings at one label from one network (/24 or /64) without a puzzle, whatever
    devices they name. Default 12: a shop's guests on one carrier stay below, a script that throws its cookies away
    does not."""

    network_label_most: int = 120
    """NETWORK_LABEL_MOST: and beyond which they have to wait. Default 120: a metro entrance in a typhoon hour, of whose
    people half come through one carrier's address, stays below."""

    label_an_hour: int = 40
    """LABEL_AN_HOUR: reports and joinings at one label, from everywhere, without a puzzle. Default 40. Never refused
    for this alone: the label on the wall has to work whoever attacks it."""

    network_an_hour: int = 400
    """NETWORK_AN_HOUR: reports and joinings from one network, at all labels, without a puzzle. Default 400: the 300 of
    a typhoon's worst hour may all come through one carrier's address. Never refused for this alone."""

    photos_an_hour: int = 90
    """PHOTOS_AN_HOUR: photos one device may send at once, and an hour. Default 90, fifteen full reports: reading
    photos is the dearest thing that strangers can make this machine do."""

    photos_label_an_hour: int = 360
    """PHOTOS_LABEL_AN_HOUR: the same from one network at one label, for devices that throw their cookies away.
    Default 360: NETWORK_LABEL_MOST reports with three photos each."""

    words_an_hour: int = 20
    """WORDS_AN_HOUR: what one device may add or answer on one private page at once, and an hour. Default 20."""

    guesses_an_hour: int = 30
    """GUESSES_AN_HOUR: unknown codes and wrong digits of one device in one network at once, and an hour; a browser
    without cookies counts as one for its network. Default 30. Codes that exist open all the same."""

    waits_an_hour: int = 30
    """WAITS_AN_HOUR: how often one network may wait at one label in place of a puzzle, an hour. Default 30: browsers
    without script are rare, and a script could wait as well as they."""

    puzzle_bits: int = 17
    """PUZZLE_BITS: leading zero bits of the puzzle's hash; each more doubles the work. Default 17: about 130,000 tries,
    one to three seconds on an old phone (docs/measurements.md)."""

    puzzle_minutes: int = 10
    """PUZZLE_MINUTES: a puzzle is accepted this long. Default 10: time to read the page, too short to hoard them."""

    puzzle_wait_seconds: int = 30
    """PUZZLE_WAIT_SECONDS: who has no script waits this long in its place. Default 30."""

    form_seconds: int = 2
    """FORM_SECONDS: a form sent sooner than this after it was shown was not filled in by hand: a puzzle, never more.
    Default 2: three taps take longer. 0: not looked at."""

    flood_an_hour: int = 8
    """FLOOD_AN_HOUR: the desk is shown a label from so many reports within an hour. Default 8: a place has one or two
    on a bad day."""

    visits_a_day: int = 15
    """VISITS_A_DAY: shops that a secretary means to visit in a day; the length of a day's route. Default 15: what
    one person manages on foot and still listens."""

    idle_minutes: int = 60
    """IDLE_MINUTES: a staff session ends after this long without a request. Default 60."""

    session_hours: int = 12
    """SESSION_HOURS: a staff session ends after this long in any case. Default 12: one shift."""

    jobs: bool = False
    """JOBS: 1 lets ``flask serve`` start a job process beside it, which ends with it. Default: 1 with DEMO, else 0,
    because a service manager looks after ``flask jobs run`` better."""

    mail_host: str = ""
    """MAIL_HOST: the SMTP server that mail is handed to. Default none: mail waits and shows as failing."""

    mail_port: int = 587
    """MAIL_PORT: its TCP port. Default 587, the port for handing mail in (RFC 6409)."""

    mail_tls: str = "starttls"
    """MAIL_TLS: ``starttls``, ``tls`` from the first byte (port 465), or ``none`` inside one machine.
    Default ``starttls``; a server without it is refused rather than trusted."""

    mail_user: str = ""
    """MAIL_USER: name to sign in with. Default none: the server takes mail from this machine as it is."""

    mail_password: str = field(default="", repr=False)
    """MAIL_PASSWORD: the password that goes with it."""

    mail_from: str = ""
    """MAIL_FROM: the address mail comes from. Default ``noreply@`` and the host of PUBLIC_URL."""

    webhook_hosts: tuple[str, ...] = ()
    """WEBHOOK_HOSTS: host names that webhooks may go to, comma separated. Default none: nobody at the desk can
    make this machine call another one."""

    webhook_secret: str = field(default="", repr=False)
    """WEBHOOK_SECRET: at least 32 characters; signs each webhook, so that the far end knows it is ours.
    Default none, and no webhook is sent."""

    webhook_private: bool = False
    """WEBHOOK_PRIVATE: 1 lets webhooks go to private addresses and over plain http. Default 0: only the open
    internet, over TLS."""

    chat_schemes: tuple[str, ...] = ("wecombot", "wechat", "dingtalk", "feishu", "lark", "schan", "wpush")
    """CHAT_SCHEMES: kinds of chat address people may enter, comma separated, as Apprise names them.
    Default: WeCom, DingTalk, Feishu, Lark, ServerChan, WPush; general ones such as json would reach any machine."""

    sms_url: str = field(default="", repr=False)
    """SMS_URL: Apprise address that reaches a phone, with ``{phone}`` where the number goes. Default none: reporters
    are not written to. Example: ``jsons://user:key@gateway.example/send?:to={phone}``."""

    cheap_passwords: bool = False
    """CHEAP_PASSWORDS: 1 hashes passwords fast and weakly, for tests and demos. Default 0; with DEMO 1, because the
    password of a demo's many accounts is printed anyway."""

    @property
    def database(self) -> str:
        """The SQLAlchemy address, with the driver this project ships."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'tracker.db'}"
        return self.database_url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS; cookies are marked Secure then."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def trusted_hosts(self) -> list[str]:
        """Host names we answer to: the public one and this machine's own."""
        return [urlsplit(self.public_url).hostname or "", "localhost", "127.0.0.1", "[::1]"]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read every setting, newest wins: default, key file, environment.

        Raises:
            SettingWrong: something needed is missing or unreadable; the message says what to set.
        """
        given = {name[len(PREFIX) :]: value for name, value in environ.items() if name.startswith(PREFIX)}
        data_dir = Path(given.get("DATA_DIR") or cls.data_dir).resolve()
        keys_dir = Path(given.get("KEYS_DIR") or data_dir / "keys").resolve()
        is_fresh = not given.get("DATABASE_URL") and not (data_dir / "tracker.db").exists()
        secret = given.get("SECRET_KEY") or _key_file(keys_dir, "secret_key", may_make=is_fresh)
        secret_keys = tuple(part.strip() for part in secret.split(",") if part.strip())
        if not secret_keys or min(map(len, secret_keys)) < 32:
            raise SettingWrong("TRACKER_SECRET_KEY needs at least 32 characters.")
        values: dict[str, object] = {
            "secret_keys": secret_keys,
            "phone_keys": given.get("PHONE_KEYS") or _key_file(keys_dir, "phone_keys", may_make=is_fresh),
            "data_dir": data_dir,
            "keys_dir": keys_dir,
            "labels_dir": Path(given.get("LABELS_DIR") or cls.labels_dir).resolve(),
        }
        for name in _WORDS:
            values[name] = given.get(name.upper()) or getattr(cls, name)
        for name in ("webhook_hosts", "chat_schemes"):
            values[name] = _list(given.get(name.upper(), "")) or getattr(cls, name)
        for name in _NUMBERS:
            values[name] = _number(name, given.get(name.upper()) or str(getattr(cls, name)))
        for name in _AT_LEAST_ONE:
            if not values[name]:
                raise SettingWrong(
                    f"TRACKER_{name.upper()} is at least 1: a limit slows down, it shuts nobody out."
                )
        if int(str(values["puzzle_bits"])) > PUZZLE_BITS_MOST:
            raise SettingWrong(f"TRACKER_PUZZLE_BITS is at most {PUZZLE_BITS_MOST}: no phone would end.")
        values["webhook_private"] = _switch("webhook_private", given.get("WEBHOOK_PRIVATE") or "0")
        values["demo"] = is_demo = _switch("demo", given.get("DEMO") or "0")
        cheap = given.get("CHEAP_PASSWORDS")
        values["cheap_passwords"] = _switch("cheap_passwords", cheap) if cheap else is_demo
        values["jobs"] = _switch("jobs", given.get("JOBS") or str(int(is_demo)))
        if values["mail_tls"] not in MAIL_TLS:
            raise SettingWrong(
                f"TRACKER_MAIL_TLS is one of {', '.join(MAIL_TLS)}, not {values['mail_tls']!r}."
            )
        values["bind"] = given.get("BIND") or (EVERY_NETWORK if is_demo else cls.bind)
        host = local_host() if is_demo and values["bind"] == EVERY_NETWORK else cls.bind
        values["public_url"] = given.get("PUBLIC_URL") or f"http://{host}:{values['port']}"
        if values["webhook_secret"] and len(str(values["webhook_secret"])) < 32:
            raise SettingWrong("TRACKER_WEBHOOK_SECRET needs at least 32 characters.")
        return cls(**values)  # type: ignore[arg-type]  # built by name from the fields above


EVERY_NETWORK = "0.0.0.0"  # noqa: S104 - only where the demo or the administrator asks for it
ANYWHERE_ELSE = ("192.0.2.1", 9)  # TEST-NET-1, RFC 5737: routed nowhere


def local_host() -> str:
    """This machine's address in its network, or 127.0.0.1 if it is in none. Nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ANYWHERE_ELSE)  # of a datagram socket: only chooses the way out
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


_NUMBERS = (
    "port",
    "threads",
    "proxies",
    "photo_limit_bytes",
    "photos_limit_bytes",
    "photos_limit_count",
    "photo_limit_pixels",
    "body_limit_bytes",
    "text_limit_chars",
    "device_an_hour",
    "device_most",
    "device_label_an_hour",
    "device_label_most",
    "network_label_an_hour",
    "network_label_most",
    "label_an_hour",
    "network_an_hour",
    "photos_an_hour",
    "photos_label_an_hour",
    "words_an_hour",
    "guesses_an_hour",
    "waits_an_hour",
    "puzzle_bits",
    "puzzle_minutes",
    "puzzle_wait_seconds",
    "form_seconds",
    "flood_an_hour",
    "visits_a_day",
    "idle_minutes",
    "session_hours",
    "mail_port",
)
_AT_LEAST_ONE = tuple(
    name for name in _NUMBERS if name.endswith(("_an_hour", "_most")) or name.startswith("puzzle_")
)
PUZZLE_BITS_MOST = 28
_WORDS = (
    "database_url",
    "office_name",
    "office_phone",
    "time_zone",
    "mail_host",
    "mail_tls",
    "mail_user",
    "mail_password",
    "mail_from",
    "webhook_secret",
    "sms_url",
)
MAIL_TLS = ("starttls", "tls", "none")


_NEW_KEY = {
    "secret_key": lambda: secrets.token_urlsafe(48),
    "phone_keys": lambda: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
}


def _key_file(folder: Path, name: str, *, may_make: bool) -> str:
    """Read a key; a fresh installation makes it, an older one without its keys must not start with new ones."""
    path = folder / name
    if not path.exists():
        if not may_make:
            raise SettingWrong(
                f"{path} is missing and TRACKER_{name.upper()} is not set. Bring back the keys of this "
                f"installation; for a new one on an empty database run `python config.py` first."
            )
        make_key(folder, name)
    return path.read_text(encoding="ascii").strip()


def make_key(folder: Path, name: str) -> None:
    """Write a new key file, readable by its owner alone; an existing one is left as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(_NEW_KEY[name]() + "\n")


def _number(name: str, text: str) -> int:
    if not text.isdigit():
        raise SettingWrong(f"TRACKER_{name.upper()} must be a whole number, not {text!r}.")
    return int(text)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.split(",") if part.strip())


def _switch(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise SettingWrong(f"TRACKER_{name.upper()} is 0 or 1, not {text!r}.")
    return text == "1"


if __name__ == "__main__":
    for key_name in _NEW_KEY:
        make_key(Path(os.environ.get(PREFIX + "KEYS_DIR") or Config.keys_dir), key_name)
