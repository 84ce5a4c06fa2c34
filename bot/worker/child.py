"""The worker process: calls the functions that it is told, each in a thread of its own."""

from __future__ import annotations

import os
import pickle
import queue
import resource
import signal
import threading
import traceback
from importlib import import_module
from typing import Any, BinaryIO

from bot.memory import keep_one_heap
from bot.worker.pipe import Answer, NotPicklable, Outcome, OutOfMemory, Question, Raised, Returned, packed, read

UNPICKLABLE = (pickle.PickleError, TypeError, AttributeError, ValueError, ImportError, RecursionError)
"""What pickle raises over values that it can't take. Whatever else a value's own code raises ends the process."""


def main(most_memory: int) -> None:
    """Serve until the bot closes the pipe, or is gone, with so many bytes of memory at most."""
    _limit_memory(most_memory)
    keep_one_heap()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which then ends us
    questions, answers = _own_pipes()
    waiting: queue.SimpleQueue[Question] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions, waiting), daemon=True).start()
    turn = threading.Lock()
    while True:
        threading.Thread(target=_serve, args=(waiting.get(), answers, turn), daemon=True).start()


def _limit_memory(most: int) -> None:
    """What is written to counts, not what is only reserved, of which thread-safe allocators take gigabytes."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _serve(question: Question, answers: BinaryIO, turn: threading.Lock) -> None:
    """Call one function and send what came of it; what is no mere exception ends the process."""
    try:
        encoded = _encoded(question.number, _called(question))
    except BaseException:  # noqa: BLE001  # SystemExit or the like: the bot must not wait
        traceback.print_exc()
        os._exit(1)
    with turn:
        answers.write(encoded)
        answers.flush()


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two ends of the bot's pipe, taken away from whatever prints to or reads from the standard streams."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return questions, answers


def _listen(questions: BinaryIO, waiting: queue.SimpleQueue[Question]) -> None:
    """Hear the pipe also in the middle of a hung call, so that no orphan outlives the bot."""
    while True:
        try:
            waiting.put(read(questions))
        except EOFError:
            os._exit(0)


def _called(question: Question) -> Outcome:
    try:
        return Returned(_function(question.function)(*question.arguments))
    except MemoryError:
        return OutOfMemory()
    except Exception as error:  # noqa: BLE001  # whatever left the function belongs to the caller
        return _picklable(error, question.function)


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _picklable(error: Exception, function: str) -> Outcome:
    """The error itself where the bot knows its class anyway, else its text: to unpickle a vendor's error
    would import the vendor's library into the bot's process.
    """
    known = {"builtins", "bot", function.partition(".")[0]}
    if type(error).__module__.partition(".")[0] in known and _survives_pickling(error):
        return Raised(error)
    return NotPicklable(f"{type(error).__name__}: {error}")


def _survives_pickling(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    except UNPICKLABLE:
        return False
    return True


def _encoded(number: int, outcome: Outcome) -> bytes:
    try:
        return packed(Answer(number, outcome))
    except MemoryError:
        return packed(Answer(number, OutOfMemory()))
    except UNPICKLABLE as error:
        told = f"the value can't cross to the bot: {type(error).__name__}: {error}"
        return packed(Answer(number, NotPicklable(told)))
