"""The line protocol of a benchmark's program: commands come in on stdin, one JSON object a line goes out on stdout."""

import json
import os
import resource
import sys

# Whatever else is printed must not come between the answers.
_answers, sys.stdout = sys.stdout, sys.stderr


def say(**values):
    _answers.write(json.dumps(values) + "\n")
    _answers.flush()


def _memory(field):
    """A line of the kernel's account of this process, in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))


def memory():
    """Resident bytes of this process: the peak and what there is now; and the peak of a GPU that PyTorch computes on."""
    return {**_resident(), **_on_gpu()}


def _on_gpu():
    # Only programs that compute with PyTorch have imported it.
    torch = sys.modules.get("torch")
    return {"device": torch.cuda.max_memory_allocated()} if torch is not None and torch.cuda.is_initialized() else {}


def _resident():
    if os.path.exists("/proc/self/status"):
        return {"peak": _memory("VmHWM"), "resident": _memory("VmRSS")}
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {"peak": peak, "resident": peak}


def await_command(*wanted):
    """Answers every question about memory until a wanted command comes, and gives it. The program ends with its stdin, or when told to."""
    for line in iter(sys.stdin.readline, ""):
        command = line.strip()
        if command in wanted:
            return command
        if command == "memory":
            say(**memory())
        elif command == "end":
            break
        else:
            say(error=f"unknown command {command!r}")
    _answers.flush()
    os._exit(0)
