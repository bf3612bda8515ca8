"""The catalogue of categories, by version, and the rules that send cases to departments."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base


class Category(Base):
    """One version of a category. A row is never changed but for `is_current`: cases keep the version they got."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index(
            "uq_categories_current",
            "code",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    is_current: Mapped[bool]
    position: Mapped[int]
    """Place in the catalogue, for lists."""
    group_code: Mapped[str] = mapped_column(String(10))
    group_zh: Mapped[str] = mapped_column(String(60))
    group_en: Mapped[str] = mapped_column(String(60))
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    icon: Mapped[str] = mapped_column(String(20))
    lead_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    co_codes: Mapped[list[str]] = mapped_column(JSON)
    auto_file: Mapped[bool]
    auto_dispatch: Mapped[bool]
    evidence: Mapped[bool]
    urgent: Mapped[bool]
    protect_reporter: Mapped[bool]
    private: Mapped[bool]
    allowances: Mapped[dict[str, Any]] = mapped_column(JSON)
    """accept, act, done, stages as written in the catalogue, such as ``30min``, ``4wh``, ``5wd``."""


class RoutingRule(Base):
    """Category × area → departments; beats the category's own for places in that area."""

    __tablename__ = "routing_rules"
    __table_args__ = (UniqueConstraint("category_code", "area_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_code: Mapped[str] = mapped_column(String(10))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    lead_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    co_codes: Mapped[list[str]] = mapped_column(JSON)
    auto_file: Mapped[bool]
    auto_dispatch: Mapped[bool]
