"""Run a command that does not outlive the process that started it.

Called as a script, by path: `leash.py PARENT SIGNAL ACCOUNT COMMAND…`. PARENT is the starter's process id, SIGNAL the
number sent to the command when the starter is gone, ACCOUNT `uid:gid` to become first, or `-`. The interpreter runs as
the starter, so only the command itself must be reachable to the account. The kernel watches the starting *thread*:
start from the main one.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(account: str) -> None:
    """Drop to `uid:gid` with no other groups; `-` stays as it is."""
    if account == "-":
        return
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def bind(parent: int, number: int) -> None:
    """Ask the kernel to send signal `number` when the parent dies; exit at once if it is gone already."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(f"the starting process {parent} is gone")


def watch(parent: int, number: int, command: list[str], interval: float = 0.5) -> int:
    """Run `command` where the kernel has no such signal: pass signals on, and send `number` when the parent is gone."""
    child = subprocess.Popen(command)
    for passed in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(passed, lambda received, _: child.send_signal(received))
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(number)
        time.sleep(interval)
    return child.returncode


def main(arguments: list[str]) -> None:
    """Read the arguments as the module says and become the command."""
    parent, number, account, *command = arguments
    become(account)
    if sys.platform != "linux":
        sys.exit(watch(int(parent), int(number), command))
    bind(int(parent), int(number))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
