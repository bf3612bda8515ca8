"""Areas, departments, the people who sign in, and their sessions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.domain.permissions import STAFF_ROLES, Role
from tracker.extensions import Base
from tracker.models.base import Moment, one_of


class Area(Base):
    """A node of the tree street → 片区 → 居委 or road section."""

    __tablename__ = "areas"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)


class Department(Base):
    """A unit that answers for cases 承办单位."""

    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    lead_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", use_alter=True, name="fk_departments_lead_user_id")
    )
    """Who hears when a promise of this department is broken; none: the duty lead does."""


class User(Base):
    """Somebody who signs in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    """Signs in only while the installation runs as a demo: the password is printed in public."""
    grants: Mapped[list["Grant"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class Grant(Base):
    """One role of one person; empty area: everywhere."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(one_of("role", sorted(STAFF_ROLES)), name="role_known"),
        CheckConstraint(
            f"(role = '{Role.HANDLER}') = (department_code IS NOT NULL)", name="handler_has_department"
        ),
        UniqueConstraint("user_id", "role", "area_code", "department_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"))
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))


class StaffSession(Base):
    """A sign-in that has not ended. The cookie holds the secret, this row only its hash."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    device: Mapped[str] = mapped_column(String(120))
    """What the browser calls itself, for the person's own list of sessions."""


class SignInFailure(Base):
    """A failed sign-in, kept for a quarter of an hour, to slow down guessing."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_login_hash_at", "login_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login_hash: Mapped[str] = mapped_column(String(64))
    """Of the name that was typed: people type passwords into the wrong field."""
    at: Mapped[datetime] = mapped_column(Moment)
