"""What codes of the registers are called in the language of this page."""

from functools import cached_property

from tracker.services import case_pages
from tracker.web.language import named


class Names:
    """Departments and categories; each register is read once a page, and only when it is needed."""

    @cached_property
    def departments(self) -> dict[str, str]:
        """Code → name, in the order of the codes."""
        return {code: named(zh, en) for code, (zh, en) in sorted(case_pages.department_names().items())}

    @cached_property
    def categories(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Groups of the catalogue with their (code, name), in its own order."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in case_pages.category_choices():
            name = f"{each.code} {named(each.zh, each.en)}"
            groups.setdefault(named(each.group_zh, each.group_en), []).append((each.code, name))
        return list(groups.items())

    def department(self, code: str) -> str:
        """A department's name; nothing for none."""
        return self.departments.get(code, code)

    def category(self, code: str) -> str:
        """A category's code and name."""
        return next(
            (name for _group, members in self.categories for one, name in members if one == code), code
        )
