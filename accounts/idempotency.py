"""`Idempotency-Key`: the first answer to a POST is kept and given again to its repetitions; one that holds a secret
(`Cache-Control: no-store`) is not kept, and its repetitions change nothing."""

import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.bounds import current_bound, writer
from accounts.errors import Conflict, Invalid
from accounts.models import IdempotencyKey, User
from accounts.tenancy import current_unit

LONGEST_KEY = 200


def answered_once(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run `view`, or repeat its kept answer when the caller sent the same POST with the same key before."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None or not isinstance(request.user, User):
        return view()
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid("Idempotency-Key must have 1 to 200 characters.", [("Idempotency-Key", f"has {len(key)}")])
    digest = _digest(request)
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(
                organization_id=current_unit().organization_id,
                user=writer(request.user),
                key=key,
                request_digest=digest,
                status=0,
                body=b"",
                content_type="",
            )
    except IntegrityError:
        return _repeated(IdempotencyKey.objects.get(user=writer(request.user), key=key), digest)
    response = view()
    if isinstance(response, HttpResponse) and "no-store" not in response.headers.get("Cache-Control", ""):
        row.status, row.body = response.status_code, response.content
        row.content_type = response.headers.get("Content-Type", "")
        row.save(update_fields=["status", "body", "content_type"])
    return response


def _digest(request: HttpRequest) -> str:
    """Return a digest of what is asked: the path and the body, or the fields and files of a form with files.

    What a narrowed token asked for is another request than the same by its person.
    """
    digest = hashlib.sha256(f"{request.path}\n".encode())
    if bound := current_bound():
        digest.update(f"{bound.mark}\n{sorted(bound.verbs)}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    digest.update(repr(fields).encode("utf-8", "surrogatepass"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(f"\n{name}\n{file.name}\n{file.size}\n".encode("utf-8", "surrogatepass"))
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _repeated(row: IdempotencyKey, digest: str) -> HttpResponse:
    if row.request_digest != digest:
        raise Invalid("This Idempotency-Key was used for another request.", [("Idempotency-Key", "choose a new one")])
    if not row.status:
        raise Conflict("This was done already. Its answer is not kept, because of what it holds.")
    answer = HttpResponse(bytes(row.body), status=row.status, content_type=row.content_type)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer
