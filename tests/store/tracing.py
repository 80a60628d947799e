# SPDX-License-Identifier: Apache-2.0
"""Whether system calls can be traced here; what strikes at them asks first."""
import subprocess


def refusal():
    """Why not, in words; None: they can."""
    try:
        able = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False,
                              stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        return "strace is not installed"
    return able.stderr.strip() if able.returncode != 0 else None
