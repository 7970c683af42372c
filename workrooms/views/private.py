"""Answers that not everybody in the room may see."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.errors import Problem
from accounts.relations import permissions_of
from workrooms.actions.sharing import read_answer, share_answer
from workrooms.entries import room_path
from workrooms.policies import access_answer, access_workroom
from workrooms.shell import actor_of, room_page


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, organization: str, room: str, message: Any) -> HttpResponse:
    """Show a private answer to whom it is for; POST shares it with the room."""
    found, actor, problem = access_workroom(request.user, room), actor_of(request), None
    answer = access_answer(actor, message, found, share=request.method == "POST")
    if request.method == "POST":
        try:
            share_answer(answer, actor=actor, reason=request.POST.get("reason", ""))
        except Problem as refusal:
            problem = refusal
        else:
            return redirect(f"{room_path(found)}threads/{answer.message.thread_id or answer.message.id}/")
    context = room_page(request, found, "timeline", "Private answer", answer=read_answer(answer, actor=actor))
    context |= {"may_share": "decide_approval" in permissions_of(actor, found), "problem": problem}
    return render(request, "workrooms/message/private.html", context, status=problem.status if problem else 200)
