"""The browser that the browser tests use: $CHROMIUM, one on the PATH, or, for root on Debian, one installed now."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install_chromium() -> None:
    """Install Debian's Chromium where we may; a failure is only said, since the tests then say what they skip."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Chromium: installing it for the browser tests")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", *step], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"Chromium: apt-get {step[0]} failed: {done.stderr.strip()[-300:]}")
            return


if __name__ == "__main__":
    if find_chromium() is None:
        install_chromium()
