"""The scripted model of the errands: it says what the instructions tell it to, a little slowly, so that it is hit."""

import json
import random
import re
from typing import Any

from tests.live.scripted_openai import Reply

ANSWER = re.compile(r"^Answer: (\{.*\})$", re.MULTILINE)
ERRAND = re.compile(r"Errand [0-9]+")
SLOWEST = 0.15


def answering(chance: random.Random) -> Any:
    """Return the script: a request's body to a reply, which takes from nothing to about two seconds."""

    def reply(body: dict[str, Any]) -> Reply:
        messages = body["messages"]
        asked = "\n".join(str(message.get("content")) for message in messages)
        delay = chance.uniform(0.0, SLOWEST)
        if "First write a note." in asked and not any(message["role"] == "tool" for message in messages):
            name = f"{ERRAND.findall(asked)[-1]} {abs(hash(asked)) % 10**6}.md"
            return Reply(calls=(("documents_write", {"name": name, "text": "# A note\n\nIt is so."}),), delay=delay)
        answers = ANSWER.findall(asked)
        return Reply(calls=(("final_answer", json.loads(answers[0])),), delay=delay)

    return reply
