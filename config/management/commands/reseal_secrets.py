"""`reseal_secrets`: every stored secret is sealed anew, under the first key in WORKROOM_KEY."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models import BinaryField, Model

from accounts.reach import all_organizations
from accounts.secrets import reseal_secret
from accounts.tenancy import unit_of_work


class Command(BaseCommand):
    help = "Seals every stored secret anew under the first key in WORKROOM_KEY, so that the others may be dropped."

    def handle(self, **options: Any) -> None:
        sealed = [(model, field.name) for model in apps.get_models() for field in _sealed(model)]
        for organization_id in all_organizations():
            with unit_of_work(organization_id):
                for model, name in sealed:
                    for row in model._default_manager.exclude(**{name: None}).select_for_update(no_key=True):
                        setattr(row, name, reseal_secret(getattr(row, name)))
                        row.save(update_fields=[name])
        named = ", ".join(f"{model._meta.verbose_name} {name}" for model, name in sealed)
        self.stdout.write(f"Sealed anew: {named}. The old WORKROOM_KEY is not needed any more.")


def _sealed(model: type[Model]) -> "list[BinaryField[Any, Any]]":
    fields = [field for field in model._meta.concrete_fields if isinstance(field, BinaryField)]
    return [field for field in fields if field.name == "sealed" or field.name.endswith("_sealed")]
