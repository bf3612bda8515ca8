"""The checks that every fetched page goes through find what they are there for."""

import pytest

from tests.page_check import faults_of

GOOD = (
    '<!doctype html><html lang="zh-CN"><head><title>报告</title></head><body><h1>报告</h1>'
    '<form><label for="note">说明</label><textarea id="note" name="note"></textarea>'
    '<label>电话 <input name="phone"></label><input type="hidden" name="key"><button>提交</button></form>'
    '<img src="/a.png" alt=""><a href="#note">到说明</a></body></html>'
)


def test_a_sound_page_has_no_faults() -> None:
    assert faults_of(GOOD) == []


def test_a_part_of_a_page_needs_no_heading_of_its_own() -> None:
    assert faults_of('<li id="case-1"><a href="/desk/cases/1">1</a></li>') == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("<!doctype html>", "", "DOCTYPE"),
        ("</form>", "", "end tag"),
        ("</h1>", "</h1><h1>再来</h1>", "2 h1"),
        ("<h1>报告</h1>", "", "0 h1"),
        (' lang="zh-CN"', "", "language"),
        ("<title>报告</title>", "<title></title>", "title"),
        ('for="note"', "", "has no label"),
        ("<label>电话 ", "<label>", "has no label"),
        ("<h1>", '<h1 id="note">', "used 2 times"),
        ('href="#note"', 'href="#nowhere"', "leads nowhere"),
        ("<h1>", '<h1 aria-describedby="nowhere">', "points at nothing"),
        ("<button>提交", "<button>", "says nothing"),
        (' alt=""', "", "no alt"),
        ("<h1>", "<script>1</script><h1>", "a script stands in the page"),
        ("<h1>", '<h1 style="color:red">', "style=…"),
        ("<button>", '<button onclick="x()">', "onclick=…"),
        ('href="#note"', 'href="javascript:x()"', "javascript:"),
    ],
)
def test_a_fault_is_found_and_named(right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    assert said in "; ".join(faults_of(GOOD.replace(right, wrong, 1)))
