"""Who signs in on the demo street: one person per role, and one handler per department.

Surnames follow the old list of a hundred families and given names say what the person does:
nobody real is meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.demo.catalogue import departments
from tracker.demo.street import STREET_CODE, Area, area_path
from tracker.domain.permissions import Role

PASSWORD = "saoma-baoshi"  # noqa: S105 - printed in public
"""Everyone's on the demo street. Printed in public, so such accounts are refused outside a demo."""

VERIFIER_DISTRICTS = {
    "verifier": tuple(f"{STREET_CODE}-{number}" for number in range(1, 6)),
    "verifier2": tuple(f"{STREET_CODE}-{number}" for number in range(6, 10)),
}
HANDLER_NAMES = {
    "CY": "冯城运", "ZF": "陈执法", "LR": "褚绿容", "SG": "卫市监", "JJ": "蒋交警", "PC": "沈派出",
    "PA": "韩平安", "FG": "杨房管", "WY": "朱物业", "SZ": "秦养护", "PS": "尤排水", "DL": "许电力",
    "RQ": "何燃气", "TX": "吕通信", "HB": "施环保", "GL": "张社管", "JW": "孔居委", "DJ": "曹党建",
    "GH": "严工会", "YS": "华营商", "BK": "金单车",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    login: str
    name: str
    role: Role
    department: str | None = None  # code; what a handler acts for, None for everyone else
    areas: tuple[str, ...] | None = None  # codes, everything below included; None: the whole street


def people() -> tuple[Person, ...]:
    """Everyone who may sign in on the demo street."""
    return (
        Person("operator", "赵受理", Role.OPERATOR),
        Person("verifier", "钱核查", Role.VERIFIER, areas=VERIFIER_DISTRICTS["verifier"]),
        Person("verifier2", "孙核查", Role.VERIFIER, areas=VERIFIER_DISTRICTS["verifier2"]),
        Person("lead", "李值班", Role.DUTY_LEAD),
        Person("supervisor", "周督办", Role.SUPERVISOR),
        Person("secretary", "吴书记", Role.SECRETARY),
        Person("admin", "郑管理", Role.ADMIN),
        *_handlers(),
    )


def _handlers() -> Iterator[Person]:
    for code in departments():
        yield Person(handler_login(code), HANDLER_NAMES[code], Role.HANDLER, code)


def handler_login(department: str) -> str:
    """The sign-in name of a department's handler: its code in small letters."""
    return department.lower()


def verifier_login(areas: tuple[Area, ...], area: str) -> str:
    """The sign-in name of the verifier who walks this area (code) of the street's `areas`."""
    path = set(area_path(areas, area))
    return next(login for login, districts in VERIFIER_DISTRICTS.items() if path.intersection(districts))
