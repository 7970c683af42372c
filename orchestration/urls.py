"""Pages of runs, teams and approvals."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
