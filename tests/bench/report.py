#!/usr/bin/env python3
"""report.py - docs/performance.md and .svg of what bench.py has measured: report.py DOCS"""
import json
import os
import sys

WIDTH, BAR, GAP, LEFT = 720, 14, 10, 230
COLOURS = {"floor": "#9a9a9a", "hull": "#1b6ca8", "crun": "#c98b2b", "runc": "#a33b3b"}


# hull's median against that of another program, of the same run
RATIOS = (("run", "floor", 1.35), ("run", "crun", 1 / 2), ("run", "runc", 1 / 6),
          ("run, without a pause", "floor", 1.35), ("run, without a pause", "crun", 1 / 2),
          ("run, without a pause", "runc", 1 / 6),
          ("run, large seccomp profile", "floor", 1.6), ("exec", "floor", 1.5))
GROWTH = 1.1  # with 1,000 live containers against none, beyond what the floor grows by


def plot(results):
    """Medians as bars, of the works that all of hull, crun and runc do."""
    works = [(w, r) for w, r in results.items() if "runc" in r]
    longest = max(s["median"] for _, r in works for s in r.values() if s["median"] < 1000)
    y, parts = 20, []
    for work, result in works:
        if max(s["median"] for s in result.values()) > longest:
            continue
        parts.append(f'<text x="0" y="{y + BAR}" font-weight="bold">{work}</text>')
        for name in (n for n in COLOURS if n in result):
            ms = result[name]["median"]
            w = max(1, ms / longest * (WIDTH - LEFT - 110))
            parts.append(f'<text x="{LEFT - 40}" y="{y + BAR - 3}">{name}</text>'
                         f'<rect x="{LEFT}" y="{y}" width="{w:.1f}" height="{BAR - 3}" fill="{COLOURS[name]}"/>'
                         f'<text x="{LEFT + w + 6:.1f}" y="{y + BAR - 3}">{ms:.1f} ms</text>')
            y += BAR
        y += GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
            f'font-family="sans-serif" font-size="11">\n' + "\n".join(parts) + "\n</svg>\n")


def cell(summary):
    return f"{summary['median']:.1f} ({summary['low']:.1f} to {summary['high']:.1f})" if summary else ""


def ratio(result, name):
    return f"{result['hull']['median'] / result[name]['median']:.2f}" if name in result and "hull" in result else ""


def comparison(results):
    yield "| work | floor | hull | crun | runc | hull/floor | hull/crun | hull/runc |"
    yield "|---|---|---|---|---|---|---|---|"
    for work, r in results.items():
        if "runc" in r:
            cells = [cell(r.get(n)) for n in COLOURS] + [ratio(r, n) for n in ("floor", "crun", "runc")]
            yield f"| {work} | " + " | ".join(cells) + " |"


def growth(results):
    yield "| beside it | floor | run | exec | state |"
    yield "|---|---|---|---|---|"
    for work, r in results.items():
        if work.startswith("with "):
            yield f"| {work[5:]} | " + " | ".join(cell(r.get(n)) for n in ("floor", "run", "exec", "state")) + " |"


def grown(results, name):
    none, many = (results[f"with {n} live containers"][name]["median"] for n in (0, 1000))
    return many / none


def budgets(results):
    """(what, ratio, budget)"""
    for work, other, budget in RATIOS:
        if work in results:
            yield f"{work}: of {other}", results[work]["hull"]["median"] / results[work][other]["median"], budget
    beyond = max(1, grown(results, "floor"))
    for name in ("run", "exec", "state"):
        # the floor does what `run` does; nothing of the other two should grow
        yield f"{name}: with 1,000 containers", grown(results, name) / (beyond if name == "run" else 1), GROWTH


def budget_table(results):
    yield "| | measured | at most |"
    yield "|---|---|---|"
    for what, measured, budget in budgets(results):
        yield f"| {what} | {measured:.2f} | {budget:.2f}{'' if measured <= budget else ' **missed**'} |"


def calls(results, most=14):
    """Those that a process spends in waiting for the other one are not among them."""
    yield "| call | times | ms |"
    yield "|---|---|---|"
    rows = sorted(((ms, times, name) for name, (times, ms) in results["calls"].items()
                   if name not in ("recvmsg", "poll", "waitid", "read")), reverse=True)
    rest = rows[most:]
    rows = rows[:most] + [(sum(r[0] for r in rest), sum(r[1] for r in rest), f"{len(rest)} others")]
    for ms, times, name in rows:
        yield f"| {name} | {times:.0f} | {ms:.2f} |"


def main():
    docs = sys.argv[1]
    data = json.load(open(os.path.join(docs, "performance.json")))
    facts, results = data["facts"], data["results"]
    with open(os.path.join(docs, "performance.svg"), "w") as f:
        f.write(plot(results))
    tables = {
        "FACTS": f"Kernel {facts['kernel']}, {facts['cpus']} processors; {facts['hull']}, {facts['crun']}, "
                 f"{facts['runc']}. Each figure is a median in milliseconds, with the middle half of the "
                 f"{facts['rounds'] * facts['runs']} times, in {facts['rounds']} rounds in which the programs take turns.",
        "COMPARISON": "\n".join(comparison(results)),
        "GROWTH": "\n".join(growth(results)),
        "BUDGETS": "\n".join(budget_table(results)),
        "CALLS": "\n".join(calls(results)),
        "LIST": cell(results["list of 1000"]["hull"]),
    }
    print("\n".join(budget_table(results)))
    text = open(os.path.join(docs, "performance.md.in")).read()
    for name, table in tables.items():
        text = text.replace(f"@{name}@", table)
    with open(os.path.join(docs, "performance.md"), "w") as f:
        f.write(text)


if __name__ == "__main__":
    main()
