"""What codes of the registers are called in the language of this page."""

from functools import cached_property

from tracker.services import case_pages
from tracker.web.language import named


class Names:
    """Departments and categories; each register is read once a page, and only when it is needed."""

    @cached_property
    def departments(self) -> dict[str, str]:
        """Code → name, in the order of the codes."""
        return {code: named(zh, en) for code, (zh, en) in sorted(self._departments.items())}

    @cached_property
    def _departments(self) -> dict[str, tuple[str, str]]:
        return case_pages.department_names()

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

    def department_in(self, code: str, language: str) -> str:
        """A department's name for somebody who reads `language`; nothing for none."""
        zh, en = self._departments.get(code, (code, code))
        return en if language == "en" else zh

    def category(self, code: str) -> str:
        """A category's code and name."""
        return next(
            (name for _group, members in self.categories for one, name in members if one == code), code
        )
