"""What the machine says of itself, in the words of the device endpoints."""

import os
from pathlib import Path


def cpu() -> dict[str, str]:
    """How busy it is, and how much of its memory is taken; zeros where nobody says."""
    total, available = _memory()
    used = total - available
    try:
        busy = min(100.0, 100 * os.getloadavg()[0] / (os.cpu_count() or 1))
    except OSError:
        busy = 0.0
    return {
        "cpu_usage_percent": f"{busy:.1f} %",
        "memory_used_percent": f"{100 * used / total if total else 0.0:.1f} %",
        "memory_used_gb": f"{used / 2**30:.1f}",
    }


def _memory() -> tuple[int, int]:
    """Bytes in all, and those that are free to take."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return sizes.get("MemTotal", 0), sizes.get("MemAvailable", 0)
