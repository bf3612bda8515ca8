"""Write what the documents take from the code: ``python scripts/write_docs.py [--check]``.

The case table and its diagram in README.md stand between markers; docs/settings.md is whole. With ``--check``
nothing is written, and the exit status is 1 if something would be.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tracker.domain.lifecycle import ENDED, LIFECYCLE, OPEN, Need, State, Step  # noqa: E402 - needs the path above
from tracker.domain.permissions import Role  # noqa: E402 - the same
from tracker.web import words  # noqa: E402 - the same

DIAGRAM_WITHOUT = frozenset({State.VOIDED, State.MERGED, State.WITHDRAWN})
"""Arrows into these leave from almost everywhere; the table has them, the picture would drown in them."""


def case_table() -> str:
    """Every arrow of the case table as a Markdown table."""
    head = "| action | from → to | who | must supply |\n| --- | --- | --- | --- |\n"
    return head + "".join(map(_row, LIFECYCLE))


def diagram() -> str:
    """The states and the arrows between them, for Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> reported: report"]
    arrows: dict[tuple[State, State], list[str]] = {}
    for step in LIFECYCLE:
        for source in _in_order(step.sources):
            if step.target and step.target not in DIAGRAM_WITHOUT and source not in DIAGRAM_WITHOUT:
                names = arrows.setdefault((source, step.target), [])
                if step.action.value not in names:
                    names.append(step.action.value)
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
    lines += [f"    {state} --> [*]" for state in _in_order(ENDED - DIAGRAM_WITHOUT)]
    return "\n".join([*lines, "```"]) + "\n"


def settings() -> str:
    """Every setting with what its docstring says."""
    tree = ast.parse((ROOT / "config.py").read_text(encoding="utf-8"))
    config = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Config")
    told = [
        " ".join(str(node.value.value).split())
        for node in config.body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    lines = [f"- **`TRACKER_{text.partition(':')[0]}`** —{text.partition(':')[2]}" for text in told]
    head = "# Settings\n\nRead from the environment once, at start-up. Written from config.py by `make docs`.\n\n"
    return head + "\n".join(lines) + "\n"


def documents() -> dict[Path, str]:
    """What each document should hold."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name, content in {"case-table": case_table(), "case-diagram": diagram()}.items():
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda match, content=content: match[1] + content + match[2],  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
    return {readme: text, ROOT / "docs" / "settings.md": settings()}


def main() -> int:
    stale = {
        path: text
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is not what the code says; run: make docs")
        else:
            path.write_text(text, encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


def _row(step: Step) -> str:
    sources = _NAMED.get(step.sources) or " · ".join(f"`{state}`" for state in _in_order(step.sources))
    target = f"`{step.target}`" if step.target else "stays"
    return (
        f"| `{step.action}` {words.ACTIONS[step.action]} | {sources} → {target} "
        f"| {_who(step)} | {_needs(step)} |\n"
    )


def _who(step: Step) -> str:
    who = ", ".join(role.value.replace("_", " ") for role in Role if role in step.who)
    if not step.raised:
        return who
    then = ", ".join(role.value.replace("_", " ") for role in Role if role in step.raised.who)
    return f"{who}; {_RAISED[step.raised.field]} {then}"


_NAMED = {frozenset(): "—", frozenset(State): "any state", OPEN: "any open state"}

_RAISED = {
    "appeal_open": "after an appeal",
    "returns": "from the second return on",
    "extensions": "from the second extension on",
}


def _needs(step: Step) -> str:
    needs = [need.value.replace("_", " ") for need in Need if need in step.needs]
    conditions = [guard.value.replace("_", " ") for guard in sorted(step.guards)]
    return ", ".join(needs) + (f" ({', '.join(conditions)})" if conditions else "")


def _in_order(states: frozenset[State]) -> list[State]:
    return [state for state in State if state in states]


if __name__ == "__main__":
    sys.exit(main())
