"""One request to alarmd's webhooks, signed as Twilio signs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from twilio.request_validator import RequestValidator

from alarmd.store import StoreError
from tests.simulation.machine import Alarmd, Machine
from tests.simulation.town import PUBLIC_URL, TOKEN

FORM = b"application/x-www-form-urlencoded"


async def serve(
    alarmd: Alarmd, kind: str, attempt: str, query: str, form: dict[str, str], machine: Machine
) -> tuple[int, str]:
    """One request to alarmd's webhooks, signed as Twilio signs; returns status and body."""
    path = f"/phone/twilio/{kind}" + (f"/{attempt}" if attempt else "")
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path + query, form)
    body = urlencode(form).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "query_string": query.removeprefix("?").encode(),
        "headers": [(b"content-type", FORM), (b"x-twilio-signature", signature.encode()), (b"host", b"alarm.example")],
        "client": ("192.0.2.1", 1),
        "server": ("alarm.example", 443),
    }
    request = Request(scope, receive)
    hooks = alarmd.webhooks
    try:
        match kind:
            case "voice":
                response = await hooks.answered(attempt, request)
            case "gather":
                response = await hooks.pressed(attempt, request)
            case "status":
                response = await hooks.reported(attempt, request)
            case _:
                response = await hooks.texted(request)
    except HTTPException as error:
        machine.story.wrong("a signed webhook was refused", f"{kind}: {error.detail}")
        return error.status_code, ""
    except StoreError:
        return 500, ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and is told with the seed
        machine.story.wrong("a webhook failed", f"{kind} {attempt}: {error!r}")
        return 500, ""
    return response.status_code, bytes(response.body).decode()
