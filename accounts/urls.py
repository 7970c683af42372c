"""Doors, and an organization's own pages."""

from django.urls import path

from accounts.views import entrance, exports, registering, sessions, settings

ORGANIZATION = "o/<slug:organization>/"

urlpatterns = [
    path("", entrance.home, name="home"),
    path("organizations/", entrance.organizations, name="organizations"),
    path("theme/", entrance.theme, name="theme"),
    path("first-owner/<str:token>/", entrance.first_owner, name="first_owner"),
    path("account/sessions/", sessions.own_sessions, name="usersessions_list"),
    path("verify.py", exports.verifier, name="verifier"),
    path(f"{ORGANIZATION}key.pem", exports.public_key, name="public_key"),
    path(f"{ORGANIZATION}settings/", settings.settings, name="settings"),
    path(f"{ORGANIZATION}settings/name/", settings.rename, name="rename_organization"),
    path(f"{ORGANIZATION}settings/members/", settings.members, name="members"),
    path(f"{ORGANIZATION}settings/members/<uuid:user>/", settings.member, name="member"),
    path(f"{ORGANIZATION}settings/members/<uuid:user>/sessions/", sessions.end_sessions, name="member_sessions"),
    path(f"{ORGANIZATION}settings/services/", registering.index, name="services"),
    path(f"{ORGANIZATION}settings/services/<slug:service>/key/", registering.key, name="service_key"),
    path(f"{ORGANIZATION}settings/services/<slug:service>/revoke/", registering.revoke, name="revoke_service"),
    path(f"{ORGANIZATION}settings/tokens/", settings.tokens, name="tokens"),
    path(f"{ORGANIZATION}settings/tokens/<uuid:token>/", settings.token, name="token"),
]
