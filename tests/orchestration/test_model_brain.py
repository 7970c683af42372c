"""A model brain against a scripted OpenAI-compatible server over real HTTP: what goes out and what comes back."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orchestration.brains.conversation import correction, read_response, replies
from orchestration.brains.failures import BadResponse, Stopped
from orchestration.brains.prompt import tool_result
from tests.live.asking import HISTORY, KEY, READ, SCHEMA, ask
from tests.live.scripted_openai import Arguments, Reply, ScriptedOpenAI

LONG = "One two three four five. " * 40


def test_text_streams_in_pieces_and_arrives_whole() -> None:
    with ScriptedOpenAI([Reply(text="The claim is complete.", usage=(41, 7))]) as server:
        deltas: list[str] = []
        asked = ask(server, on_delta=deltas.append)
    assert asked.text == "".join(deltas) == "The claim is complete."
    assert len(deltas) == 2
    assert (asked.tokens_in, asked.tokens_out, asked.tokens_estimated) == (41, 7, False)
    assert asked.calls == ()


def test_deltas_arrive_while_the_model_is_still_writing() -> None:
    with ScriptedOpenAI([Reply(text=LONG, delay=0.1)]) as server:
        first = threading.Event()

        def note(_: str) -> None:
            first.set()

        with pytest.raises(Stopped):
            ask(server, on_delta=note, should_stop=first.is_set)


def test_the_request_carries_prompt_tools_limit_and_key_once() -> None:
    with ScriptedOpenAI([Reply(text="Done.")]) as server:
        ask(server, schema=SCHEMA, max_tokens=321)
        (seen,) = server.requests
    assert seen.system == "You are ada."
    assert seen.body["messages"][1] == {"role": "user", "content": "Read the claim."}
    assert seen.tools == ["documents_read", "final_answer"]
    assert seen.body["tools"][0]["function"]["parameters"] == READ.parameters
    assert (seen.body["stream"], seen.body["max_tokens"], seen.body["tool_choice"]) == (True, 321, "auto")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(seen.body)


def test_two_calls_in_one_response_are_both_answered_in_the_next_request() -> None:
    calls = (("documents_read", {"document": "a"}), ("documents_read", {"document": "b"}))
    with ScriptedOpenAI([Reply(calls=calls), Reply(text="Both read.")]) as server:
        first = ask(server)
        assert [(call.id, call.name, call.arguments) for call in first.calls] == [
            ("call_0", "documents.read", {"document": "a"}),
            ("call_1", "documents.read", {"document": "b"}),
        ]
        results = [tool_result("documents.read", {"text": "A"}), "Refused: Not permitted."]
        second = ask(server, [*HISTORY, first.message, replies(first, results)])
        messages = server.requests[1].body["messages"]
    assert second.text == "Both read."
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "tool", "tool"]
    assert [(m["tool_call_id"], m["content"]) for m in messages[3:]] == [("call_0", results[0]), ("call_1", results[1])]


def test_malformed_arguments_are_named_and_can_be_repaired() -> None:
    malformed: tuple[tuple[str, Arguments], ...] = (
        ("documents_read", '{"document": '),
        ("documents_read", {"document": 7}),
        ("wire_money", {}),
    )
    with ScriptedOpenAI([Reply(calls=malformed), Reply(text="Sorry.")]) as server:
        asked = ask(server)
        assert [call.arguments for call in asked.calls] == [None, None, None]
        errors = [call.error or "" for call in asked.calls]
        assert "not valid JSON" in errors[0]
        assert "$.document: 7 is not of type 'string'" in errors[1]
        assert "no tool 'wire_money'; the tools offered are: documents_read" in errors[2]
        ask(server, [*HISTORY, asked.message, replies(asked, [f"Not called. {error}" for error in errors])])
        sent = server.requests[1].body["messages"][2]["tool_calls"]
    for call in sent:
        json.loads(call["function"]["arguments"])


def test_a_structured_answer_comes_as_a_call_and_its_summary_streams() -> None:
    answer = {"total_cents": 12_500, "summary": 'The "total" is $125.00 – fine.'}
    with ScriptedOpenAI([Reply(calls=(("final_answer", answer),))]) as server:
        deltas: list[str] = []
        asked = ask(server, schema=SCHEMA, on_delta=deltas.append)
    assert asked.answer == answer
    assert (asked.calls, asked.answer_error) == ((), None)
    assert "".join(deltas) == answer["summary"]
    assert len(deltas) > 1


@pytest.mark.parametrize(
    "text", ['{"total_cents": 5}', 'Here:\n```json\n{"total_cents": 5}\n```', 'So: {"total_cents": 5}!']
)
def test_a_structured_answer_in_words_counts_too(text: str) -> None:
    with ScriptedOpenAI([Reply(text=text)]) as server:
        assert ask(server, schema=SCHEMA).answer == {"total_cents": 5}


def test_an_answer_in_the_wrong_form_is_corrected_once_shown() -> None:
    with ScriptedOpenAI(
        [Reply(text="It is five."), Reply(calls=(("final_answer", "{oh"),)), Reply(text="{}")]
    ) as server:
        words = ask(server, schema=SCHEMA)
        assert words.answer is None
        history = [*HISTORY, words.message, correction(words, words.answer_error or "")]
        broken = ask(server, history, schema=SCHEMA)
        assert "not valid JSON" in (broken.answer_error or "")
        ask(server, [*history, broken.message, correction(broken, broken.answer_error or "")], schema=SCHEMA)
        last = server.requests[2].body["messages"]
    assert [m["role"] for m in last[2:]] == ["assistant", "user", "assistant", "tool"]
    assert "calling final_answer" in last[3]["content"]


def test_an_answer_beside_other_calls_waits_for_their_results() -> None:
    both = (("final_answer", {"total_cents": 1}), ("documents_read", {"document": "a"}))
    with ScriptedOpenAI([Reply(calls=both), Reply(text="{}")]) as server:
        asked = ask(server, schema=SCHEMA)
        assert asked.answer is None
        assert [call.name for call in asked.calls] == ["documents.read"]
        ask(server, [*HISTORY, asked.message, replies(asked, ["A"])], schema=SCHEMA)
        final, read = server.requests[1].body["messages"][3:]
    assert final["content"].startswith("Not taken")
    assert read["content"] == "A"


def test_a_journalled_response_reads_the_same_after_a_restart() -> None:
    calls = (("documents_read", {"document": "a\x00b"}),)
    with ScriptedOpenAI([Reply(text="Let me see.\x00", calls=calls, usage=None)]) as server:
        asked = ask(server)
    journalled = json.loads(json.dumps(asked.message))
    assert read_response(journalled, [READ], None) == asked
    assert "\\u0000" not in json.dumps(asked.message["parts"][0])
    assert asked.calls[0].arguments == {"document": "a\ufffdb"}
    assert KEY not in json.dumps(asked.message)


def test_tokens_nobody_reported_are_estimated_never_zero() -> None:
    with ScriptedOpenAI([Reply(text=LONG, usage=None)]) as server:
        asked = ask(server)
    assert asked.tokens_estimated
    assert asked.tokens_in > 50
    assert asked.tokens_out >= len(LONG) / 4


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(text="The tot", finish="length"), "cut off at 500 tokens"),
        (Reply(text="No.", finish="content_filter"), "withheld by the provider's content filter"),
        (Reply(), "is empty"),
    ],
)
def test_an_answer_that_cannot_be_used_says_why_and_what_it_cost(reply: Reply, reason: str) -> None:
    with ScriptedOpenAI([reply]) as server, pytest.raises(BadResponse, match=reason) as problem:
        ask(server)
    assert (problem.value.tokens_in, problem.value.tokens_out) == (100, 20)


def test_the_thinking_of_a_model_is_kept_and_not_shown() -> None:
    with ScriptedOpenAI([Reply(thinking="Hmm, a claim.", text="Done.")]) as server:
        deltas: list[str] = []
        asked = ask(server, on_delta=deltas.append)
    assert "".join(deltas) == asked.text == "Done."
    assert "Hmm, a claim." in json.dumps(asked.message)


def test_sixteen_threads_ask_at_once_and_each_gets_its_own() -> None:
    with ScriptedOpenAI(lambda body: Reply(text=body["messages"][1]["content"] * 3, delay=0.05)) as server:

        def own(number: int) -> bool:
            history = [{"kind": "request", "parts": [{**HISTORY[0]["parts"][0]}, _prompt(f"thread-{number} ")]}]
            deltas: list[str] = []
            asked = ask(server, history, on_delta=deltas.append)
            return asked.text == "".join(deltas).strip() == (f"thread-{number} " * 3).strip()

        started = time.monotonic()
        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(own, range(16)))
        assert time.monotonic() - started < 8, "they ran one after the other"


def _prompt(text: str) -> dict[str, str]:
    return {"part_kind": "user-prompt", "content": text}


def test_sixteen_threads_of_a_fresh_process_may_load_the_libraries_at_once() -> None:
    program = """if True:
        import sys
        from concurrent.futures import ThreadPoolExecutor
        from tests.live.asking import ask
        from tests.live.scripted_openai import Reply, ScriptedOpenAI
        assert not {"openai", "pydantic_ai", "httpx2"} & set(sys.modules), "imported before a request was made"
        with ScriptedOpenAI([Reply(text="ok")] * 16) as server, ThreadPoolExecutor(16) as pool:
            print([asked.text for asked in pool.map(lambda _: ask(server), range(16))].count("ok"))
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "16", done.stderr
