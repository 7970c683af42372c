"""Pages of rooms."""

from django.urls import path

from workrooms.views import (
    away,
    consents,
    documents,
    exports,
    keeping,
    ledger,
    messages,
    people,
    private,
    rooms,
    search,
)

ROOM = "o/<slug:organization>/r/<slug:room>/"

urlpatterns = [
    path("o/<slug:organization>/", rooms.index, name="rooms"),
    path("o/<slug:organization>/rooms/new/", rooms.new, name="new_room"),
    path("o/<slug:organization>/search/", search.find, name="search"),
    path("o/<slug:organization>/away/", away.away, name="away"),
    path("o/<slug:organization>/away/<uuid:delegation>/end/", away.end, name="end_delegation"),
    path("o/<slug:organization>/consents/", consents.index, name="consents"),
    path("o/<slug:organization>/consents/new/", consents.ask, name="ask_consent"),
    path("o/<slug:organization>/consents/<uuid:consent>/revoke/", consents.revoke, name="revoke_consent"),
    path(ROOM, rooms.show, name="room"),
    path(f"{ROOM}details/", rooms.details, name="room_details"),
    path(f"{ROOM}archive/", rooms.archive, name="archive_room"),
    path(f"{ROOM}restore/", rooms.restore, name="restore_room"),
    path(f"{ROOM}keeping/", keeping.keeping, name="keeping"),
    path(f"{ROOM}keeping/holds/", keeping.hold, name="set_hold"),
    path(f"{ROOM}keeping/holds/<uuid:hold>/lift/", keeping.lift, name="lift_hold"),
    path(f"{ROOM}keeping/retention/", keeping.retention, name="set_retention"),
    path(f"{ROOM}keeping/erasures/", keeping.erase, name="erase_subject"),
    path(f"{ROOM}people/", people.people, name="people"),
    path(f"{ROOM}people/<uuid:user>/", people.person, name="person"),
    path(f"{ROOM}messages/", messages.messages, name="messages"),
    path(f"{ROOM}messages/<uuid:message>/edit/", messages.edit, name="edit_message"),
    path(f"{ROOM}messages/<uuid:message>/delete/", messages.delete, name="delete_message"),
    path(f"{ROOM}messages/<uuid:message>/history/", messages.history, name="message_history"),
    path(f"{ROOM}messages/<uuid:message>/private/", private.show, name="private_answer"),
    path(f"{ROOM}threads/<uuid:message>/", rooms.thread, name="thread"),
    path(f"{ROOM}docs/", documents.index, name="documents"),
    path(f"{ROOM}docs/<uuid:document>/", documents.show, name="document"),
    path(f"{ROOM}docs/<uuid:document>/content/", documents.content, name="document_content"),
    path(f"{ROOM}docs/<uuid:document>/edit/", documents.edit, name="edit_document"),
    path(f"{ROOM}docs/<uuid:document>/revisions/", documents.revise, name="revise_document"),
    path(f"{ROOM}docs/<uuid:document>/compare/", documents.compare, name="compare_document"),
    path(f"{ROOM}ledger/", ledger.index, name="ledger"),
    path(f"{ROOM}ledger/<int:number>/", ledger.event, name="event"),
    path(f"{ROOM}ledger/check/", ledger.check, name="check_export"),
    path(f"{ROOM}ledger/audit.<str:form>", exports.room_ledger, name="export_ledger"),
]
