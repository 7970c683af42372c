"""People, agents and services are users; only people sign in."""

from typing import Any, ClassVar

import uuid_utils.compat as uuids
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.functional import cached_property


class UserManager(BaseUserManager["User"]):
    """Makes people with a password and agents without one."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who signs in with `email`."""
        user = self.model(email=self.normalize_email(email).lower(), kind=User.Kind.PERSON, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_agent(self, name: str) -> "User":
        """Create an agent: no address, no password, no way to sign in."""
        agent = self.model(name=name, kind=User.Kind.AGENT, email=None)
        agent.set_unusable_password()
        agent.save(using=self._db)
        return agent

    def create_service(self, name: str) -> "User":
        """Create the actor that stands for a program of another system: no address, no password, no rights."""
        service = self.model(name=name, kind=User.Kind.SERVICE, email=None)
        service.set_unusable_password()
        service.save(using=self._db)
        return service


class User(AbstractBaseUser, PermissionsMixin):
    """A person, an agent or a service. Known to the whole installation; memberships and relations tell what it may."""

    class Kind(models.TextChoices):
        PERSON = "person"
        AGENT = "agent"
        SERVICE = "service"

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    email = models.EmailField(unique=True, null=True, blank=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_agent(self) -> bool:
        return self.kind == self.Kind.AGENT

    @property
    def is_person(self) -> bool:
        return self.kind == self.Kind.PERSON

    @cached_property
    def ledger_name(self) -> str:
        """`person:<id>`, `agent:<id>` or `service:<id>`, as events name who acted."""
        return f"{self.kind}:{self.id}"

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()
