"""What an import of places says on its page: why the file, or a line of it, could not be taken."""

from collections.abc import Mapping

from flask_babel import gettext as _

from tracker.adapters.csv_table import TableUnreadable
from tracker.domain.words import N_
from tracker.services.imports import Problem, Reason

COLUMNS: Mapping[str, str] = {
    "code": N_("编号"),
    "kind": N_("类型"),
    "name": N_("名称"),
    "address": N_("地址"),
    "area_code": N_("片区"),
    "lat": N_("纬度"),
    "lon": N_("经度"),
    "keeper_name": N_("联系人"),
    "keeper_phone": N_("联系电话"),
    "facilities": N_("设施"),
    "opening_hours": N_("开放时间"),
}
REASONS: Mapping[str, str] = {
    "empty": N_("%(column)s没有填"),
    "too_long": N_("%(column)s超过 %(limit)s 字"),
    "surplus": N_("这一行的格子比第一行多；带逗号的文字要加引号"),
    "code_wrong": N_("编号“%(value)s”只能用字母、数字和 . _ -，最多 30 位"),
    "code_twice": N_("编号 %(value)s 上面已经用过"),
    "kind_unknown": N_("没有“%(value)s”这种类型"),
    "area_unknown": N_("没有“%(value)s”这个片区"),
    "area_unclear": N_("有好几个片区叫“%(value)s”，请写片区编号"),
    "phone_wrong": N_("联系电话既不是手机号，也不是带区号的座机"),
    "half_position": N_("纬度、经度要么都填，要么都不填"),
    "no_degrees": N_("纬度“%(lat)s”、经度“%(lon)s”不是小数度数"),
    "swapped": N_("纬度 %(lat)s、经度 %(lon)s 像是填反了"),
    "not_on_earth": N_("纬度 %(lat)s、经度 %(lon)s 不在地球上"),
}
TABLES: Mapping[str, str] = {
    "empty": N_("文件是空的。第一行要写各列的名称。"),
    "not_text": N_("文件既不是表格，也不是 UTF-8 或 GB18030 文字。请另存为 XLSX 或 CSV。"),
    "broken_line": N_("第 %(line)s 行读不懂，可能少了一个引号，或格子太长。"),
    "no_column": N_("第一行缺少这些列：%(columns)s。"),
    "twice": N_("第一行把同一列写了两次：%(columns)s。"),
    "too_large": N_("文件太大了。请删掉不用的内容，或分几次导入。"),
    "no_workbook": N_("这是压缩包，不是表格。请另存为 XLSX 或 CSV。"),
    "damaged": N_("表格已损坏或加了密码。请打开后重新另存一份。"),
    "too_many_rows": N_("表格超过 %(rows)s 行。请分几次导入。"),
}


def table_words(error: TableUnreadable) -> str:
    """Why a file as a whole could not be used."""
    values = dict(error.values)
    if isinstance(names := values.get("columns"), list):
        values["columns"] = _("、").join(_(COLUMNS[name]) for name in names)
    return str(_(TABLES[error.name], **values))


def problem_words(problem: Problem) -> str:
    """Everything that is wrong with a line."""
    return _("；").join(map(_reason, problem.reasons)) or problem.reason


def _reason(reason: Reason) -> str:
    values = dict(reason.values)
    if "column" in values:
        values["column"] = _(COLUMNS[str(values["column"])])
    return str(_(REASONS[reason.name], **values))
